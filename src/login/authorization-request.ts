import { AuthError } from '../base/errors.js'
import type { LoginOptions } from '../api/types.js'
import { buildAuthorizationUrl, chooseResponseMode } from '../protocol/authorization-url.js'
import { createRandomness, isOpenId, type Randomness, type Transaction } from '../protocol/transaction.js'
import type { ServerView } from '../vault/vault.js'
import type { Config, Context } from '../session/context.js'

/** One way to the server and back: where to go, and what the answer has to fit. */
export interface Attempt {
  url: string
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

/** Tells whether the request is to be sent to the server ahead, which takes a moment (RFC 9126 section 5). */
export function isPushed({ par }: Config, { metadata }: ServerView): boolean {
  return par ?? metadata.require_pushed_authorization_requests ?? false
}

/** Makes an attempt, with all that it has to wait for. */
export async function makeAttempt(ctx: Context, way: Way, options: AttemptOptions): Promise<Attempt> {
  const prepared = await prepareAttempt(ctx)
  const attempt = buildAttempt(ctx.config, prepared, way, options)
  if (isPushed(ctx.config, prepared)) attempt.url = await ctx.vault.push(attempt.url)
  return attempt
}

/** Finds the server and makes the random parts. */
export async function prepareAttempt({ vault }: Context): Promise<Prepared> {
  const [server, random] = await Promise.all([vault.server(), createRandomness()])
  return { ...server, ...random }
}

/** Builds an attempt out of what was prepared, without waiting for anything. */
export function buildAttempt(
  config: Config,
  { metadata, hints, jkt, codeVerifier, codeChallenge, ...random }: Prepared,
  way: Way,
  { resources, params = {}, appState, sub, since, ...asked }: AttemptOptions,
): Attempt {
  const { issuer, clientId, redirectUri, scope = '' } = { ...config, ...asked }
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

/** Where a redirect login ends. Anything but a page of this origin is refused: no open redirector (RFC 9700 4.11.1). */
export function resolveReturnTo(returnTo: string | URL): string {
  const href = URL.canParse(returnTo, location.href) ? new URL(returnTo, location.href).href : ''
  if (href.startsWith(location.origin + '/')) return href
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
