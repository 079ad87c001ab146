export { seedSession } from './testing/seed-session.js'
export type { SeedOptions, SeedPage, SeedRoute, SeedTokens } from './testing/seed-options.js'
export { createTestClient } from './testing/test-client.js'
export type { FailingCall, TestCall, TestClient, TestControls, TestLogin } from './testing/test-controls.js'
