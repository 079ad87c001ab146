import { AuthError } from '../base/errors.js'
import type { LoginOptions } from '../api/types.js'
import { awaitsRedirect } from '../browser/storage/redirect-storage.js'
import { resolveUrl } from '../browser/resolve-url.js'
import { isTooLong } from '../browser/windows/visit.js'
import { buildAuthorizationUrl, chooseResponseMode } from '../protocol/authorization-url.js'
import { refuseEndpoint } from '../protocol/to-auth-error.js'
import { isEndpoint } from '../protocol/server-call.js'
import { createRandomness, isOpenId, type Randomness, type Transaction } from '../protocol/transaction.js'
import type { ServerView } from '../vault/vault.js'
import type { Config, Context } from '../session/context.js'
import { checkSharers } from './redirect-uri-registry.js'

/** One way to the server and back: where to go, and what the answer has to fit. */
export interface Attempt {
  url: string
  /** The authorization endpoint, which can have a query of its own. */
  endpoint: string
  transaction: Transaction
  /** The origin that posts the answer itself (`web_message`); undefined where the callback page does. */
  serverOrigin: string | undefined
}

/** What an attempt asks for. */
export interface AttemptOptions extends Omit<LoginOptions, 'mode' | 'signal' | 'resource' | 'returnTo'> {
  resources: string[]
  /** The one user who may answer. */
  sub?: string | undefined
  /** The generation of the session that it goes on with: a logout after that ends it. */
  since?: number | undefined
  /** Whether the session's ID token goes along, as a hint at the one user who may answer (OpenID Connect Core section 3.1.2.1). */
  hinted?: boolean
}

/** Ways to travel, as the first letter of `state` says them. */
export type Way = 'popup' | 'iframe' | 'redirect'

/** All that an attempt has to wait for; good for one. */
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
export function isPushed({ par }: Config, { metadata }: Pick<ServerView, 'metadata'>, url = ''): boolean {
  const { require_pushed_authorization_requests, pushed_authorization_request_endpoint } = metadata
  return (
    par ??
    (require_pushed_authorization_requests || !!(pushed_authorization_request_endpoint && isTooLong(url)))
  )
}

/** Throws `discovery_failed` where the server lacks what the client's options ask for. */
export function checkAbilities(config: Config, server: Pick<ServerView, 'metadata'>): void {
  const { pushed_authorization_request_endpoint: endpoint, dpop_signing_alg_values_supported: algorithms } =
    server.metadata
  if (isPushed(config, server) && !isEndpoint(endpoint))
    throw refuseEndpoint('pushed_authorization_request_endpoint', endpoint)
  // Metadata that the app gives itself can be the part that is needed (RFC 9449 section 5.1 is about all of them).
  if (config.dpop && !config.metadata && !algorithms?.includes('ES256'))
    throw new AuthError(
      'discovery_failed',
      'the server offers no DPoP with ES256 ("dpop_signing_alg_values_supported"): turn it on there, or leave dpop() out',
      { cause: { claim: 'dpop_signing_alg_values_supported' } },
    )
}

/** Makes an attempt, with all that it has to wait for. */
export async function makeAttempt(ctx: Context, way: Way, options: AttemptOptions): Promise<Attempt> {
  const prepared = await prepareAttempt(ctx)
  checkAbilities(ctx.config, prepared)
  const attempt = buildAttempt(ctx.config, prepared, way, options)
  // The origin of a web message tells the servers apart.
  if (!attempt.serverOrigin) await checkSharers(ctx.config)
  const pushed = isPushed(ctx.config, prepared, attempt.url)
  const { idTokenHint } = prepared
  if (options.hinted && idTokenHint) {
    const url = new URL(attempt.url)
    url.searchParams.set('id_token_hint', idTokenHint)
    if (pushed || !isTooLong(url.href)) attempt.url = url.href
  }
  if (pushed) attempt.url = await ctx.vault.push(attempt.url)
  return attempt
}

/** Finds the server and makes the random parts. */
export async function prepareAttempt({ vault }: Context): Promise<Prepared> {
  const [server, random] = await Promise.all([
    vault.server(awaitsRedirect() ? 'again' : 'first'),
    createRandomness(),
  ])
  return { ...server, ...random }
}

/** Builds an attempt out of what was prepared, without waiting for anything. */
export function buildAttempt(
  config: Config,
  { metadata, hints, jkt, codeVerifier, codeChallenge, ...random }: Prepared,
  way: Way,
  options: AttemptOptions,
): Attempt {
  const { issuer, clientId, redirectUri } = config
  const { resources, params = {}, scope = config.scope, maxAge, acrValues, authorizationDetails } = options
  const { prompt, loginHint, uiLocales, claims } = options
  const reachable = way === 'iframe' || (way === 'popup' && !(hints.cutOffUntil! > Date.now()))
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
      prompt,
      loginHint,
      uiLocales,
      acrValues,
      maxAge,
      claims,
      authorizationDetails,
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
    endpoint: metadata.authorization_endpoint!,
    serverOrigin: responseMode === 'web_message' ? new URL(url).origin : undefined,
    transaction: {
      ...kept,
      codeVerifier,
      issuer,
      resources,
      params: Object.fromEntries(Object.entries(params).filter(([name]) => !ofOneRequest.test(name))),
      authorizationDetails,
      maxAge,
      acrValues,
      sub: options.sub,
      since: options.since,
      appState: options.appState,
      expiresAt: Date.now() + config.timeouts.transaction,
    },
  }
}

/** Where a redirect login ends. Anything but a page of this origin is refused: no open redirector (RFC 9700 4.11.1). */
export function resolveReturnTo(returnTo: string | URL): string {
  const href = resolveUrl(returnTo)?.href
  if (href?.startsWith(location.origin + '/')) return href
  throw new TypeError(`"returnTo" must be a URL of this page's origin, got "${returnTo}"`)
}

/** Throws where there is no page, or one that browsers give no cryptography to. */
export function checkSurroundings(): void {
  if (typeof document === 'undefined')
    throw new AuthError('no_window', 'no page here: call this in a browser')
  if (!globalThis.crypto?.subtle)
    throw new AuthError(
      'insecure_context',
      `${location.origin} is no secure context: use https: or localhost`,
    )
}

/** Reads the options of a call that an app may have made a handler of: an event, a framework's too, is none. */
export function ignoreEvent(asked: LoginOptions): LoginOptions {
  return (asked as Partial<Event>).preventDefault ? {} : asked
}
