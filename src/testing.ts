export { seedSession } from './testing/seed-session.js'
export type { SeedOptions, SeedPage, SeedRoute, SeedTokens } from './testing/seed-options.js'
export { createTestClient } from './testing/test-client.js'
export type {
  FailingCall,
  InitialState,
  TestCall,
  TestClient,
  TestClientOptions,
  TestControls,
  TestLogin,
} from './testing/test-controls.js'
export type { TestUser } from './testing/test-user.js'
