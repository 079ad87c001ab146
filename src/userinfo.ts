export { getUserInfo, type UserInfoOptions } from './add-ons/userinfo/get-user-info.js'
export type { UserInfo } from './add-ons/userinfo/userinfo-request.js'
