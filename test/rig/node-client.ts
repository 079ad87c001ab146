import { withoutUndefined } from '../../src/base/without-undefined.js'
import type { ClientOptions } from '../../src/api/client-options.js'
import { memoryStore } from '../../src/browser/storage/memory-store.js'
import { createFallbackStore } from '../../src/browser/storage/fallback-store.js'
import type { Reply } from '../../src/browser/messages/response-listener.js'
import { buildConfig } from '../../src/config.js'
import { createProver, generateProofKey } from '../../src/add-ons/dpop/prover.js'
import { buildOAuthClient, type Caller } from '../../src/protocol/server-call.js'
import {
  buildExchangeForm,
  requestExchange,
  type ExchangedToken,
  type ExchangeRequest,
} from '../../src/add-ons/exchange/token-exchange.js'
import type { RefreshRequest } from '../../src/protocol/token-request.js'
import type { Transaction } from '../../src/protocol/transaction.js'
import {
  checkUserInfoEndpoint,
  requestUserInfo,
  type UserInfo,
} from '../../src/add-ons/userinfo/userinfo-request.js'
import type { Way } from '../../src/api/login-transport.js'
import {
  createAuthorizationRequest,
  type AuthorizationOptions,
} from '../../src/login/authorization-request.js'
import type { Config } from '../../src/session/config.js'
import { createLocalVault } from '../../src/vault/local-vault.js'
import { openSessionRepository } from '../../src/vault/session-repository.js'
import { nameSessionRecord, openSessionRecord } from '../../src/vault/session-record.js'
import type { StoredSession } from '../../src/vault/stored-session.js'
import type { Redemption, SessionView, Vault } from '../../src/vault/vault.js'
import type { TestAuthorizationServer } from './authorization-server.js'
import { createUserAgent, type UserAgent, type Visitor } from './user-agent.js'

/** The origin of an app that is registered at the server and never visited. */
export const appOrigin = 'https://app.example.com'

/** Options of `createClient`; the callback page is `/callback.html` of `appOrigin`, if no other is named. */
export type NodeClientOptions = Partial<
  Omit<ClientOptions, 'store' | 'dpop' | 'overlay' | 'transports' | 'onEvent'>
> & {
  /** Whether tokens are bound to a key, which lives in memory. */
  dpop?: boolean
  /** Puts something around the vault. */
  wrapVault?: (vault: Vault) => Vault
}

/** What a login asks for, by whom, and how it travels. */
export interface NodeLogin extends Visitor, Partial<AuthorizationOptions> {
  /** @default 'popup' */
  way?: Way
}

/** An authorization response, and the transaction that it has to fit. */
export interface Answer {
  reply: Reply
  transaction: Transaction
}

/**
 * The part of a client that judges what a server answers, as it is shipped: the vault over a store in memory. It has no page,
 * window, lock or state. What `createClient` puts around it is tested in browsers.
 */
export interface NodeClient {
  config: Config
  vault: Vault
  agent: UserAgent
  /** Sends an authorization request, signs in where the server asks for that, and gives the response unjudged. */
  authorize(login?: NodeLogin): Promise<Answer>
  /** Logs in: `authorize`, then redeems the response. */
  logIn(login?: NodeLogin): Promise<SessionView>
  /** Renews as a hidden frame does: a response to `prompt=none` that goes into the stored session. */
  renewByFrame(login?: NodeLogin, key?: string): Promise<SessionView>
  /** Gets another access token with the refresh token. */
  refresh(request?: RefreshRequest, key?: string): Promise<SessionView>
  /** Exchanges a token; without a `subjectToken` the session's own access token. */
  exchange(request?: ExchangeRequest): Promise<ExchangedToken>
  /** Asks for the claims of the user who is logged in. */
  getUserInfo(): Promise<UserInfo>
  /** Reads all that is stored, the refresh token too. */
  readSession(): Promise<StoredSession | null>
  /** Gets the session's own access token; rejects when there is none. */
  getToken(): Promise<string>
  /** Another client over the same store, as in a page that was loaded again. */
  reload(options?: NodeClientOptions): Promise<NodeClient>
}

/** Opens the part of a client that judges answers, wired as in `createClient`. */
export async function openNodeClient(
  as: TestAuthorizationServer,
  options: NodeClientOptions = {},
  store = memoryStore(),
  agent = createUserAgent(appOrigin),
): Promise<NodeClient> {
  const { dpop, wrapVault = (vault) => vault, ...given } = options
  const config = buildConfig({
    issuer: as.issuer,
    clientId: as.clientId,
    redirectUri: `${appOrigin}/callback.html`,
    ...given,
  })
  const { issuer, clientId, clockTolerance, tenants, resources, timeouts } = config
  const safeStore = createFallbackStore(store, () => {})
  const fail = (message: string) => {
    throw new Error(message)
  }
  const prover = dpop ? createProver(await generateProofKey(), { ahead: 0, measured: 0 }) : undefined
  const caller: Caller = {
    client: buildOAuthClient(clientId, clockTolerance),
    clockTolerance,
    tenants,
    origin: appOrigin,
    fetch,
    timeout: timeouts.request,
    signal: new AbortController().signal,
    secrets: [],
    dpop: prover && { ...prover, learnClock() {}, close() {} },
  }
  const repository = openSessionRepository(config, safeStore, caller.dpop, fail)
  const vault = wrapVault(createLocalVault(config, safeStore, caller, repository))
  const record = openSessionRecord(safeStore, nameSessionRecord(issuer, clientId), fail)

  const authorize = async ({ user, press, way = 'popup', ...asked }: NodeLogin = {}): Promise<Answer> => {
    const transport = { way, canHearServer: way !== 'redirect' }
    const options = { resources, ...asked }
    const { url, transaction } = await createAuthorizationRequest({ config, vault }, transport, options)
    return { transaction, reply: await agent.authorize(url, { user, press }) }
  }
  const redeem = async (login?: NodeLogin, how: Partial<Redemption> = {}) =>
    vault.redeem({ ...(await authorize(login)), key: '', ...how })
  const readSession = async () => (await record.read()).session
  const getToken = async () => {
    const token = (await readSession())?.tokens['']
    if (!token) throw new Error('there is no access token')
    return token.accessToken
  }

  return {
    config,
    vault,
    agent,
    authorize,
    logIn: (login) => redeem(login),
    async renewByFrame(login, key = '') {
      const { generation, session } = await vault.load()
      const { scope = '', resources: before = [], params, authorizationDetails } = session ?? {}
      const asked = { resources: before, scope, params, authorizationDetails, ...login }
      return redeem(
        { way: 'iframe', prompt: 'none', ...withoutUndefined(asked) },
        { key, renews: true, ifGeneration: generation },
      )
    },
    async refresh(request = { resource: resources[0] }, key = '') {
      const { generation: ifGeneration } = await vault.load()
      return vault.token({ key, ifGeneration, ...request })
    },
    async exchange(request = {}) {
      const form = buildExchangeForm(request)
      if (!form.has('subject_token') && form.get('subject_token_type')!.endsWith('access_token'))
        form.set('subject_token', await getToken())
      return vault.grant([...form], requestExchange)
    },
    async getUserInfo() {
      const sub = (await readSession())?.user?.sub ?? ''
      checkUserInfoEndpoint((await vault.server()).metadata)
      return vault.grant(Object.entries({ access_token: await getToken(), sub }), requestUserInfo)
    },
    readSession,
    getToken,
    async reload(changed = options) {
      // Resolves once all that is known of the server is stored.
      await vault.updateHints({})
      return openNodeClient(as, changed, store, agent)
    },
  }
}
