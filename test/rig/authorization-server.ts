import type { Middleware, ParameterizedContext } from 'koa'
import type { JWK } from 'oidc-provider'
import {
  startAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerOptions,
} from '../../demo/authorization-server/index.js'
import { isAuthorizationPath } from '../../demo/authorization-server/authorization-response.js'
import { generateSigningKey, getSigningKey } from '../../demo/authorization-server/signing-key.js'
import { createFaults, type Fault, type FaultOptions } from './faults.js'
import type { JsonObject, TamperIdToken } from './id-token-tampering.js'
import { createPasskeys } from './passkeys.js'
import { recordProviderEvents, type ProviderEvent } from './provider-events.js'
import { readRequest, type Endpoint, type LoggedRequest } from './request-log.js'
import { replaceSigningKey } from './signing-key-rotation.js'
import {
  collectSecrets,
  tamperWithAnswer,
  type TamperAuthorizationResponse,
  type Tampering,
} from './tampering.js'

/** Options of `startTestAuthorizationServer`. */
export type TestAuthorizationServerOptions = Partial<AuthorizationServerOptions> & {
  /** Whether its login page also creates passkeys, and logs in with them. @default false */
  passkeys?: boolean
}

/** Headers of the server's answers by kind of answer; `consent` and `interaction` are later pages of a popup. */
export interface AnswerHeaders {
  all?: Record<string, string>
  /** The authorization endpoint, the page for a web message and the redirect back included. */
  authorize?: Record<string, string>
  /** The sign-in page. */
  login?: Record<string, string>
  /** The consent page, the second page that a popup shows. */
  consent?: Record<string, string>
}

/** An authorization server whose every word can be counted, delayed, spoiled and forged. */
export interface TestAuthorizationServer extends AuthorizationServer {
  clientId: string
  /** The life of access tokens in seconds, from now on. */
  accessTokenTTL: number
  /** The life of ID tokens in seconds, from now on. */
  idTokenTTL: number
  /** The origins of apps that may use it; push to add one. */
  appOrigins: string[]
  /** Every request, in the order of arrival. */
  requests: LoggedRequest[]
  /** Counts the requests to an endpoint, preflights left out. */
  count: (endpoint: Endpoint, when?: (request: LoggedRequest) => boolean) => number
  /** What oidc-provider itself reported. */
  events: ProviderEvent[]
  /** Counts the provider's events, for a grant only those of one `grant_type`. */
  countEvents: (name: ProviderEvent['name'], grantType?: string) => number
  /** Puts a fault in place. */
  fault: (endpoint: Endpoint, options: FaultOptions) => Fault
  /** Changes and signs again the ID token of token answers. Returns the function that ends it. */
  tamperIdToken: (tamper: TamperIdToken) => () => void
  /** Changes the JSON of successful token answers. Returns the function that ends it. */
  tamperTokenResponse: (tamper: (json: JsonObject) => JsonObject) => () => void
  /** Changes what comes back from the authorization endpoint, however it travels. Returns the function that ends it. */
  tamperAuthorizationResponse: (tamper: TamperAuthorizationResponse) => () => void
  /** Headers to add. */
  headers: AnswerHeaders
  /** Every code, code verifier, access token, refresh token and ID token that went through the server. */
  secrets: Set<string>
  /** Replaces the signing key by a new one, with a new `kid` if no other is given; `{ kid: undefined }` has none. */
  rotateKeys: (change?: Partial<JWK>) => void
  /** Lets connections live on. Off by default: on a used connection a browser sends a cut request again by itself. */
  keepAlive: boolean
}

/** Starts an authorization server for one test, in this process. */
export async function startTestAuthorizationServer(
  options: TestAuthorizationServerOptions = {},
): Promise<TestAuthorizationServer> {
  const { clientId = 'demo-app', appOrigins = [], accessTokenTTL = 600, idTokenTTL = 600 } = options
  const life = { access: readNumber(accessTokenTTL), id: readNumber(idTokenTTL) }
  const requests: LoggedRequest[] = []
  const events: ProviderEvent[] = []
  const secrets = new Set<string>()
  const faults = createFaults(() => server.issuer)
  let key: JWK = getSigningKey()
  const tampering: Tampering = {
    idToken: undefined,
    tokenResponse: undefined,
    authorizationResponse: undefined,
  }
  const set = <K extends keyof Tampering>(name: K, tamper: Tampering[K]) => {
    tampering[name] = tamper
    return () => void (tampering[name] = undefined as Tampering[K])
  }

  const passkeys = options.passkeys && createPasskeys(() => ({ ...server, appOrigins }))

  const middleware: Middleware = async (ctx, next) => {
    if (!as.keepAlive) ctx.set('connection', 'close')
    const request = await readRequest(ctx)
    requests.push(request)
    collectSecrets(request.params, secrets)
    await faults.run(ctx, request, async () => {
      await (passkeys ? passkeys(ctx, next) : next())
      tamperWithAnswer(ctx, request, tampering, key, secrets)
    })
    if (ctx.respond !== false) addHeaders(ctx, request, as.headers)
  }

  const server = await startAuthorizationServer({
    logout: 'skip',
    ...options,
    appOrigins,
    clientId,
    accessTokenTTL: () => life.access,
    idTokenTTL: () => life.id,
    middleware,
  })
  recordProviderEvents(server.provider, events, secrets)

  const as: TestAuthorizationServer = {
    ...server,
    clientId,
    appOrigins,
    requests,
    events,
    secrets,
    headers: {},
    keepAlive: false,
    get accessTokenTTL() {
      return life.access
    },
    set accessTokenTTL(seconds) {
      life.access = seconds
    },
    get idTokenTTL() {
      return life.id
    },
    set idTokenTTL(seconds) {
      life.id = seconds
    },
    count: (endpoint, when = () => true) =>
      requests.filter((request) => request.endpoint === endpoint && !request.preflight && when(request))
        .length,
    countEvents: (name, grantType) =>
      events.filter((event) => event.name === name && (!grantType || event.grantType === grantType)).length,
    fault: faults.add,
    tamperIdToken: (tamper) => set('idToken', tamper),
    tamperTokenResponse: (tamper) => set('tokenResponse', tamper),
    tamperAuthorizationResponse: (tamper) => set('authorizationResponse', tamper),
    rotateKeys(change) {
      key = { ...generateSigningKey(), ...change }
      replaceSigningKey(server.provider, key)
    },
  }
  return as
}

function addHeaders(ctx: ParameterizedContext, request: LoggedRequest, headers: AnswerHeaders): void {
  if (headers.all) ctx.set(headers.all)
  if (headers.authorize && isAuthorizationPath(ctx.path)) ctx.set(headers.authorize)
  if (request.endpoint !== 'interaction' || ctx.status === 303 || typeof ctx.body !== 'string') return
  const page = ctx.body.includes('name="password"') ? 'login' : 'consent'
  if (headers[page]) ctx.set(headers[page])
}

function readNumber(value: number | (() => number)): number {
  return typeof value === 'function' ? value() : value
}
