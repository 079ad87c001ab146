import { buildState } from '../base/state-name.js'
import type { LoginTransport } from '../api/login-transport.js'
import type { LoginOptions } from '../api/login-options.js'
import { awaitsRedirect } from '../browser/storage/redirect-storage.js'
import { isTooLong } from '../browser/windows/visit.js'
import { buildAuthorizationUrl, chooseResponseMode } from '../protocol/authorization-url.js'
import { checkEndpoints } from '../protocol/metadata.js'
import { isOpenId } from '../protocol/scope.js'
import { refuse } from '../protocol/refuse.js'
import { createRandomness, type Randomness, type Transaction } from '../protocol/transaction.js'
import type { ServerView, Vault } from '../vault/vault.js'
import type { Config } from '../session/config.js'
import { checkSharers, findSharers } from './check-sharers.js'

/** One request to the authorization endpoint: where to go, and what the response has to fit. */
export interface AuthorizationRequest {
  url: string
  /** The authorization endpoint, which can have a query of its own. */
  endpoint: string
  transaction: Transaction
  /** The origin that posts the answer itself (`web_message`); undefined where the callback page does. */
  serverOrigin: string | undefined
}

/** What a login asks for. */
export interface AuthorizationOptions extends Omit<
  LoginOptions,
  'mode' | 'signal' | 'resource' | 'returnTo'
> {
  resources: string[]
  /** The one user who may answer. */
  sub?: string | undefined
  /** The generation of the session that it goes on with: a logout after that ends it. */
  since?: number | undefined
  /** Whether the session's ID token goes along, as a hint at the one user who may answer (OpenID Connect Core section 3.1.2.1). */
  hinted?: boolean
}

/** Everything that a request has to wait for; for one request. */
export type Prepared = ServerView & Randomness

/**
 * Parameters that say how this one user is to log in this one time. Sent again they would do harm: ask for the new account or the
 * password once more at a step-up, or let each silent renewal fail, as `kc_action` does.
 */
const ofOneRequest = /_hint$|^(prompt|max_age|acr_values|claims|kc_action|invitation)$/

/**
 * Tells whether the request is to be sent to the server ahead, which takes a moment (RFC 9126 section 5): also where it is too long
 * for a URL, and the server offers that.
 */
function isPushed({ par }: Config, { metadata }: Pick<ServerView, 'metadata'>, url = ''): boolean {
  if (par !== undefined) return par
  if (metadata.require_pushed_authorization_requests) return true
  return isTooLong(url) && !!metadata.pushed_authorization_request_endpoint
}

/** Throws `discovery_failed` where the server lacks what the client's options ask for. */
export function checkAbilities(config: Config, server: Pick<ServerView, 'metadata'>): void {
  const { metadata } = server
  if (isPushed(config, server)) checkEndpoints(metadata, ['pushed_authorization_request_endpoint'])
  // Metadata that the app gives itself can be the part that is needed (RFC 9449 section 5.1 is about all of them).
  if (!config.dpop || config.metadata) return
  if (!metadata.dpop_signing_alg_values_supported?.includes('ES256'))
    throw refuse(
      'discovery_failed',
      'dpop_signing_alg_values_supported',
      'the server does not support DPoP with ES256 ("dpop_signing_alg_values_supported"): enable it there, or remove dpop()',
    )
}

/** What of its transport a request depends on. */
type TransportTraits = Pick<LoginTransport, 'way' | 'canHearServer'>

/** What it takes to build a request. */
interface RequestParts {
  config: Config
  vault: Pick<Vault, 'server' | 'push'>
}

/** Builds a request with everything that it has to wait for, and pushes it where the server wants that. */
export async function createAuthorizationRequest(
  { config, vault }: RequestParts,
  transport: TransportTraits,
  options: AuthorizationOptions,
): Promise<AuthorizationRequest> {
  const prepared = await prepareRequest(vault)
  checkAbilities(config, prepared)
  const request = buildAuthorizationRequest(config, prepared, transport, options)
  // The origin of a web message tells the servers apart.
  if (!request.serverOrigin) await checkSharers(config)
  const pushed = isPushed(config, prepared, request.url)
  const { idTokenHint } = prepared
  if (options.hinted && idTokenHint) {
    const url = new URL(request.url)
    url.searchParams.set('id_token_hint', idTokenHint)
    if (pushed || !isTooLong(url.href)) request.url = url.href
  }
  if (pushed) request.url = await vault.push(request.url)
  return request
}

/** Builds a request out of what was prepared, where nothing has to be waited for; undefined where something has. */
export function buildPreparedRequest(
  config: Config,
  prepared: Prepared,
  transport: TransportTraits,
  options: AuthorizationOptions,
): AuthorizationRequest | undefined {
  if (findSharers(config).length) return undefined
  const request = buildAuthorizationRequest(config, prepared, transport, options)
  return isPushed(config, prepared, request.url) || isTooLong(request.url) ? undefined : request
}

/** Finds the server and makes the random parts. */
export async function prepareRequest(vault: Pick<Vault, 'server'>): Promise<Prepared> {
  const [server, random] = await Promise.all([
    vault.server(awaitsRedirect() ? 'again' : 'first'),
    createRandomness(),
  ])
  return { ...server, ...random }
}

/** Builds a request without waiting for anything. */
export function buildAuthorizationRequest(
  config: Config,
  prepared: Prepared,
  transport: TransportTraits,
  options: AuthorizationOptions,
): AuthorizationRequest {
  const { metadata } = prepared
  const { resources, params = {}, scope = config.scope, maxAge, acrValues, authorizationDetails } = options
  const isCutOff = transport.way === 'popup' && (prepared.hints.cutOffUntil ?? 0) > Date.now()
  const canHearServer = transport.canHearServer && !isCutOff
  const responseMode = chooseResponseMode(metadata, config.responseMode, canHearServer)
  // What is sent, and what the response has to fit.
  const shared = {
    state: buildState(transport.way, prepared.state),
    nonce: isOpenId(scope) ? prepared.nonce : undefined,
    clientId: config.clientId,
    redirectUri: config.redirectUri,
    scope,
    authorizationDetails,
    maxAge,
    acrValues,
  }
  const url = buildAuthorizationUrl(
    metadata,
    [...Object.entries(config.params), ...Object.entries(params)],
    {
      ...shared,
      prompt: options.prompt,
      loginHint: options.loginHint,
      uiLocales: options.uiLocales,
      claims: options.claims,
      codeChallenge: prepared.codeChallenge,
      codeChallengeMethod: 'S256',
      dpopJkt: prepared.jkt,
      responseType: 'code',
      // `query` is what a server does unasked.
      responseMode: responseMode === 'query' ? undefined : responseMode,
    },
    resources,
  )
  return {
    url,
    endpoint: metadata.authorization_endpoint!,
    serverOrigin: responseMode === 'web_message' ? new URL(url).origin : undefined,
    transaction: {
      ...shared,
      codeVerifier: prepared.codeVerifier,
      issuer: config.issuer,
      resources,
      params: Object.fromEntries(Object.entries(params).filter(([name]) => !ofOneRequest.test(name))),
      sub: options.sub,
      since: options.since,
      appState: options.appState,
      expiresAt: Date.now() + config.timeouts.transaction,
    },
  }
}
