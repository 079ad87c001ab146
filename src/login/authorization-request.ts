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

/** A request to the authorization endpoint, and what the response has to match. */
export interface AuthorizationRequest {
  url: string
  /** The authorization endpoint, which may have a query of its own. */
  endpoint: string
  transaction: Transaction
  /** The origin of the server if it posts the response itself (`web_message`); undefined if the callback page does. */
  serverOrigin: string | undefined
}

/** The options of an authorization request. */
export interface AuthorizationOptions extends Omit<
  LoginOptions,
  'mode' | 'signal' | 'resource' | 'returnTo'
> {
  resources: string[]
  /** The user that the response has to be about. */
  sub?: string | undefined
  /** The generation of the session that the request continues. A later logout invalidates the request. */
  since?: number | undefined
  /** Whether to send the ID token of the session, as a hint about the user (OpenID Connect Core section 3.1.2.1). */
  hinted?: boolean
}

/** Everything that a request has to wait for. It can be used for one request only. */
export type Prepared = ServerView & Randomness

/**
 * Parameters that concern a single login. Repeating them would cause harm: a step-up would ask for the new account or the password
 * again, or every silent renewal would fail, as with `kc_action`.
 */
const singleUse = /_hint$|^(prompt|max_age|acr_values|claims|kc_action|invitation)$/

/**
 * Tells whether to push the request to the server (RFC 9126 section 5): if the options or the server require it, or if the request is
 * too long for a URL and the server supports it.
 */
function isPushed({ par }: Config, { metadata }: Pick<ServerView, 'metadata'>, url = ''): boolean {
  if (par !== undefined) return par
  if (metadata.require_pushed_authorization_requests) return true
  return isTooLong(url) && !!metadata.pushed_authorization_request_endpoint
}

/** Throws `discovery_failed` if the server does not support what the options of the client require. */
export function checkAbilities(config: Config, server: Pick<ServerView, 'metadata'>): void {
  const { metadata } = server
  if (isPushed(config, server)) checkEndpoints(metadata, ['pushed_authorization_request_endpoint'])
  // Inline metadata may be incomplete, so a missing entry does not count there (RFC 9449 section 5.1).
  if (!config.dpop || config.metadata) return
  if (!metadata.dpop_signing_alg_values_supported?.includes('ES256'))
    throw refuse(
      'discovery_failed',
      'dpop_signing_alg_values_supported',
      'the server does not support DPoP with ES256 ("dpop_signing_alg_values_supported"): enable it there, or remove dpop()',
    )
}

/** The properties of the transport that a request depends on. */
type TransportTraits = Pick<LoginTransport, 'way' | 'canHearServer'>

/** What a request needs from its client. */
interface RequestParts {
  config: Config
  vault: Pick<Vault, 'server' | 'push'>
}

/** Builds a request with everything it has to wait for, and pushes it if necessary. */
export async function createAuthorizationRequest(
  { config, vault }: RequestParts,
  transport: TransportTraits,
  options: AuthorizationOptions,
): Promise<AuthorizationRequest> {
  const prepared = await prepareRequest(vault)
  checkAbilities(config, prepared)
  const request = buildAuthorizationRequest(config, prepared, transport, options)
  // With `web_message`, the origin of the message distinguishes the servers.
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

/** Builds a request from the result of `prepare()`; undefined if it has to wait for anything else. */
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

/** Gets the metadata and creates the random values. */
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
  // A worker ends with its page, and its key with it: a code that is bound to that key could not be redeemed.
  const losesKey = transport.way === 'redirect' && config.vault
  // Both sent and checked in the response.
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
      dpopJkt: losesKey ? undefined : prepared.jkt,
      responseType: 'code',
      // `query` is the default of servers.
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
      params: Object.fromEntries(Object.entries(params).filter(([name]) => !singleUse.test(name))),
      sub: options.sub,
      since: options.since,
      appState: options.appState,
      expiresAt: Date.now() + config.timeouts.transaction,
    },
  }
}
