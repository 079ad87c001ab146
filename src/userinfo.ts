export { getUserInfo, type UserInfoOptions } from './session/userinfo.js'
export type { UserInfo } from './protocol/userinfo.js'
