import type { Page } from '@playwright/test'
import type { AuthErrorCode } from '../../src/base/errors.js'
import type { CheckId, Level } from '../../src/doctor/row.js'
import type { PageClientOptions } from '../rig/app-page.js'

/** What a server does not do, and why: the test is skipped with these words. */
export interface Missing {
  missing: string
}

/** A server that somebody has started, and what it can do. Clients are given as options of `createClient`. */
export interface RealServer {
  issuer: string
  client: PageClientOptions & { clientId: string }
  /** Claims that the ID token has after `signIn`. */
  claims: Record<string, unknown>
  /** Claims that userinfo has for the same user. */
  userInfo: Record<string, unknown>
  /** Fills in the sign-in page, and what comes after it the first time. The window may close itself before this returns. */
  signIn: (page: Page) => Promise<void>
  /** The same where the server knows the user and asks again; or how a login fails where it does not ask again. */
  signInAgain: ((page: Page) => Promise<void>) | { refused: AuthErrorCode }
  /** How a silent login fails where nobody is logged in. @default 'login_required' */
  nobody?: AuthErrorCode
  /** Whether there are refresh tokens, a new one for each renewal. Else a hidden frame renews. */
  rotation: true | Missing
  /** How a login fails that asks for a scope that is not there, and whether only after the user has signed in. */
  unknownScope: { code: AuthErrorCode; signsIn?: true }
  /** Turns the login down in its window. */
  turnDown: { client?: PageClientOptions; press: (page: Page) => Promise<void> } | Missing
  /** A client whose tokens are bound to a key. */
  dpop: PageClientOptions | Missing
  /** A client that must send its requests ahead, and how a login without that fails; none where the server takes both. */
  par: { client: PageClientOptions; without?: AuthErrorCode } | Missing
  /** What a stronger login asks for, and what the user does then. */
  stepUp: { client?: PageClientOptions; acrValues: string; confirm: (page: Page) => Promise<void> } | Missing
  /** Where a logout ends that was asked to end there, and what the user does on the way. */
  logout: { returnTo: string; confirm?: (page: Page) => Promise<void> } | Missing
  /** Ends the user's session at the server, past every browser. */
  endSession: ((sub: string) => Promise<void>) | Missing
  /** The rows of the doctor that are not green. */
  doctor: Partial<Record<CheckId, Level>>
  /** What the demo greys out, and how the server refuses the exchange if the demo offers it. */
  demo: { missing: string[]; exchange?: RegExp }
}

/** How a server refuses: its `error`, and in its `error_description` this text. */
export interface Refused {
  error: string
  description?: RegExp
}

/** The demo's shop as it is registered at a server: its services, and an app whose tokens are for its APIs. */
export interface ShopAtServer {
  /** The app. */
  app: PageClientOptions & { clientId: string }
  /** The same with access tokens that live for a second. */
  briefApp: PageClientOptions & { clientId: string }
  /** The parameter that names an API. */
  targetParameter: 'resource' | 'audience'
  /** The exchange for an API that the service may not use. */
  foreignAudience: Refused
  /** The exchange of a token that is not for the service. */
  foreignToken: Refused | { granted: string }
  /** The exchange for a scope that the user did not grant to the app, but that the service may use. */
  wider: Refused | { granted: string }
  /** The exchange of an access token that has expired. */
  expired: Refused
  /** What becomes of an actor token: the new token names the actor (`act`), or the server takes no notice of it. */
  delegation: 'act' | 'ignored'
  /** The exchange by the app itself. */
  byApp: { code: AuthErrorCode; message: RegExp }
  /** The JWT of a partner's identity provider as an authorization grant, for its user "pat". */
  jwtBearer: { reuse: Refused } | Missing
}
