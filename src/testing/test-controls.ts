import type { AuthErrorCode, AuthErrorDetails } from '../base/errors.js'
import type { Client } from '../api/client.js'
import type { ClientOptions } from '../api/client-options.js'
import type { LoginStage, Reason, State } from '../api/state.js'
import type { TestUser } from './test-user.js'

/** A client whose user and server are played by the test. It sends no requests of its own. */
export interface TestClient extends Client {
  /** Controls the client and shows its calls. */
  readonly test: TestControls
}

/** Options of `createTestClient`: those of `createClient`, all of them optional. */
export type TestClientOptions = { [Name in keyof ClientOptions]?: ClientOptions[Name] | undefined }

/** The initial state of a test client. */
export type InitialState =
  | Exclude<State, { status: 'logged-in' }>
  | (Omit<Extract<State, { status: 'logged-in' }>, 'user'> & { user: TestUser | null })

/** A call that `fail` can make fail. */
export type FailingCall = 'login' | 'getToken' | 'fetch' | 'prepare'

/** A call made by the app, with its arguments. */
export type TestCall = {
  [Name in Exclude<keyof Client, 'getState' | 'getUser' | 'subscribe'>]: {
    name: Name
    args: Parameters<Client[Name]>
  }
}[Exclude<keyof Client, 'getState' | 'getUser' | 'subscribe'>]

/** The result of a login, in addition to the user. */
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
   * The lifetime of each access token, in seconds.
   *
   * @default 600
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * createTestClient().test.logIn({ sub: 'alice' }, { expiresIn: 60 })
   */
  expiresIn?: number | undefined
  /**
   * The scope that the server grants, space-separated. `getToken` with a wider scope rejects with `insufficient_scope`.
   *
   * @default the scope that the login requested
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * createTestClient().test.logIn({ sub: 'alice' }, { scope: 'openid orders:read' })
   */
  scope?: string | undefined
}

/** The controls of a test client. */
export interface TestControls {
  /** All calls so far, oldest first. `getState`, `getUser` and `subscribe` are not recorded. */
  readonly calls: readonly TestCall[]
  /**
   * Logs a user in. Pending logins resolve; if there are none, it is as if another tab had logged in. A redirect login stays pending,
   * because its page would be gone; the state is that of the page the user returns to, including `appState`.
   *
   * `iss` defaults to the `issuer` of the client. Pass null for a login without the scope `openid`.
   *
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * const auth = createTestClient()
   * auth.test.logIn({ sub: 'alice', name: 'Alice' })
   */
  logIn(user?: TestUser | null, more?: TestLogin): void
  /**
   * Logs the user out, as if in another tab (`logout`) or by the server (`session_lost`). Without a reason, nobody was logged in to
   * begin with: use this to end the state `loading`.
   *
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * const auth = createTestClient()
   * auth.test.logOut('session_lost')
   */
  logOut(reason?: Reason): void
  /**
   * Expires all access tokens. The next call that needs one renews it, or, if you pass a code, rejects with it once.
   * `session_lost` also ends the session.
   *
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * const auth = createTestClient()
   * auth.test.expire('network_error')
   */
  expire(code?: AuthErrorCode): void
  /**
   * Makes a call reject with an `AuthError` of that code: the pending login if there is one, or else the next call of that name.
   * `getToken` includes `getTokenSet`. The error of a pending redirect login is in `state.error`.
   *
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * const auth = createTestClient()
   * auth.test.fail('login', 'popup_blocked')
   */
  fail(call: FailingCall, code: AuthErrorCode, details?: AuthErrorDetails): void
  /**
   * Shows the stage of a login; `undefined` removes it. A `login()` shows `opening` and `waiting` by itself.
   *
   * @example
   * import { createTestClient } from 'latchkey/testing'
   * const auth = createTestClient()
   * auth.test.setStage('redeeming')
   */
  setStage(stage: LoginStage | undefined): void
}
