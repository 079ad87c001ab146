import type { AuthErrorCode, AuthErrorDetails } from '../base/errors.js'
import type { Client } from '../api/client.js'
import type { ClientOptions } from '../api/client-options.js'
import type { LoginStage, Reason, State } from '../api/state.js'
import type { TestUser } from './test-user.js'

/** A client whose user and server are the test. It makes no request of its own. */
export interface TestClient extends Client {
  /** What the test does to it, and sees of it. */
  readonly test: TestControls
}

/** Options of `createTestClient`: those of `createClient`, none of which it needs. */
export type TestClientOptions = { [Name in keyof ClientOptions]?: ClientOptions[Name] | undefined }

/** The state that a test client begins with. */
export type InitialState =
  | Exclude<State, { status: 'logged-in' }>
  | (Omit<Extract<State, { status: 'logged-in' }>, 'user'> & { user: TestUser | null })

/** A call that `fail` can let fail. */
export type FailingCall = 'login' | 'getToken' | 'fetch' | 'prepare'

/** One call that the app made, with what it was given. */
export type TestCall = {
  [Name in Exclude<keyof Client, 'getState' | 'getUser' | 'subscribe'>]: {
    name: Name
    args: Parameters<Client[Name]>
  }
}[Exclude<keyof Client, 'getState' | 'getUser' | 'subscribe'>]

/** What a login brings beside the user. */
export interface TestLogin {
  /**
   * The first access token.
   *
   * @default 'test-token-1', and so on
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * createTestClient().test.logIn({ sub: 'alice' }, { accessToken: 'secret' })
   */
  accessToken?: string | undefined
  /**
   * For how many seconds each access token is good.
   *
   * @default 600
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * createTestClient().test.logIn({ sub: 'alice' }, { expiresIn: 60 })
   */
  expiresIn?: number | undefined
  /**
   * The scope that the server grants, space-separated. `getToken` for more than that is `insufficient_scope`.
   *
   * @default what the login asked for
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * createTestClient().test.logIn({ sub: 'alice' }, { scope: 'openid orders:read' })
   */
  scope?: string | undefined
}

/** The test's side of a test client. */
export interface TestControls {
  /** All calls so far, oldest first; `getState`, `getUser` and `subscribe` are not noted down. */
  readonly calls: readonly TestCall[]
  /**
   * Logs a user in: the logins under way resolve, and without one it is as if another tab had logged in. A redirect login stays
   * pending, as its page is gone in real life; the state is that of the page that came back, `appState` included. `iss` is the
   * client's `issuer` unless it is given; null is a login without the scope `openid`.
   *
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * const auth = createTestClient()
   * auth.test.logIn({ sub: 'alice', name: 'Alice' })
   */
  logIn(user?: TestUser | null, more?: TestLogin): void
  /**
   * Logs the user out: in another tab (`logout`), or by the server (`session_lost`). Without a reason nobody was logged in to
   * begin with, which is how a state of `loading` ends.
   *
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * const auth = createTestClient()
   * auth.test.logOut('session_lost')
   */
  logOut(reason?: Reason): void
  /**
   * Expires all access tokens. The next call that needs one renews it and gets another one, or rejects with the code that is
   * given here, once; `session_lost` also ends the session.
   *
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * const auth = createTestClient()
   * auth.test.expire('network_error')
   */
  expire(code?: AuthErrorCode): void
  /**
   * Lets a call fail with an `AuthError` of that code: a login under way, else the next call of that name. `getToken` stands for
   * `getTokenSet` too. The failure of a redirect login under way is in `state.error`.
   *
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * const auth = createTestClient()
   * auth.test.fail('login', 'popup_blocked')
   */
  fail(call: FailingCall, code: AuthErrorCode, details?: AuthErrorDetails): void
  /**
   * Shows how far a login is; `undefined` ends that. A `login()` shows `opening` and `waiting` by itself.
   *
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * const auth = createTestClient()
   * auth.test.setStage('redeeming')
   */
  setStage(stage: LoginStage | undefined): void
}
