import type { LoginTransport } from '../api/login-transport.js'
import type { LoginOptions } from '../api/login-options.js'
import { buildAuthorizationUrl, chooseResponseMode } from '../protocol/authorization-url.js'
import { createRandomness, isOpenId, type Randomness, type Transaction } from '../protocol/transaction.js'
import type { ServerView, Vault } from '../vault/vault.js'
import type { Config } from '../session/context.js'

/** One request to the authorization endpoint: where to go, and what the response has to fit. */
export interface AuthorizationRequest {
  url: string
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
}

/** Everything that a request has to wait for; for one request. */
export type Prepared = ServerView & Randomness

/**
 * Parameters that say how this one user is to log in this one time. Sent again they would do harm: ask for the new account or the
 * password once more at a step-up, or let each silent renewal fail, as `kc_action` does.
 */
const ofOneRequest = /_hint$|^(prompt|max_age|acr_values|claims|kc_action|invitation)$/

/** Tells whether the request is to be sent to the server ahead, which takes a moment (RFC 9126 section 5). */
export function isPushed({ par }: Config, { metadata }: ServerView): boolean {
  return par ?? metadata.require_pushed_authorization_requests ?? false
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
  const request = buildAuthorizationRequest(config, prepared, transport, options)
  if (isPushed(config, prepared)) request.url = await vault.push(request.url)
  return request
}

/** Finds the server and makes the random parts. */
export async function prepareRequest(vault: Pick<Vault, 'server'>): Promise<Prepared> {
  const [server, random] = await Promise.all([vault.server(), createRandomness()])
  return { ...server, ...random }
}

/** Builds a request out of what was prepared, without waiting for anything. */
export function buildAuthorizationRequest(
  config: Config,
  { metadata, hints, jkt, codeVerifier, codeChallenge, ...random }: Prepared,
  { way, canHearServer }: TransportTraits,
  { resources, params = {}, appState, sub, since, ...asked }: AuthorizationOptions,
): AuthorizationRequest {
  const { issuer, clientId, redirectUri, scope = '' } = { ...config, ...asked }
  const isCutOff = way === 'popup' && (hints.cutOffUntil ?? 0) > Date.now()
  const reachable = canHearServer && !isCutOff
  const responseMode = chooseResponseMode(metadata, config.responseMode, reachable)
  // What is sent and has to fit in the end.
  const kept = {
    state: way[0] + '.' + random.state,
    nonce: isOpenId(scope) ? random.nonce : undefined,
    clientId,
    redirectUri,
    scope,
  }
  const url = buildAuthorizationUrl(
    metadata,
    [...Object.entries(config.params), ...Object.entries(params)],
    {
      ...asked,
      ...kept,
      codeChallenge,
      codeChallengeMethod: 'S256',
      dpopJkt: jkt,
      responseType: 'code',
      // `query` is what a server does unasked.
      responseMode: responseMode === 'query' ? undefined : responseMode,
    },
    resources,
  )
  return {
    url,
    serverOrigin: responseMode === 'web_message' ? new URL(url).origin : undefined,
    transaction: {
      ...kept,
      codeVerifier,
      issuer,
      resources,
      params: Object.fromEntries(Object.entries(params).filter(([name]) => !ofOneRequest.test(name))),
      authorizationDetails: asked.authorizationDetails,
      maxAge: asked.maxAge,
      acrValues: asked.acrValues,
      sub,
      since,
      appState,
      expiresAt: Date.now() + config.timeouts.transaction,
    },
  }
}
