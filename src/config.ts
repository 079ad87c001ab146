import { checkOption as check, checkText } from './base/check-option.js'
import { withoutUndefined } from './base/without-undefined.js'
import type { OverlayCapability } from './api/overlay.js'
import type { ClientOptions } from './api/client-options.js'
import type { LoginOptions } from './api/login-options.js'
import type { Timeouts } from './api/timeouts.js'
import { resolveUrl } from './browser/resolve-url.js'
import type { Config } from './session/context.js'
import { findWrongEndpoint } from './protocol/metadata.js'
import { toResources } from './protocol/resources.js'
import { isEndpoint } from './protocol/server-call.js'
import { isOpenId } from './protocol/transaction.js'

const defaultTimeouts: Config['timeouts'] = {
  popup: 600_000,
  transaction: 900_000,
  iframe: 10_000,
  request: 10_000,
}
/** The options of `createClient` that are one of a few words. */
const choices = {
  mode: ['popup', 'overlay', 'redirect'],
  stepUp: ['popup', 'redirect'],
  responseMode: ['web_message', 'fragment', 'query'],
  discovery: ['oidc', 'oauth2'],
} as const
/** The other options of `createClient`. */
const otherOptions = [
  'issuer',
  'clientId',
  'redirectUri',
  'scope',
  'resource',
  'params',
  'apis',
  'metadata',
  'store',
  'par',
  'dpop',
  'overlay',
  'clockTolerance',
  'timeouts',
  'onEvent',
] as const
const loginModes = [...choices.mode, 'silent'] as const
/** The options of `login` that are texts. */
const loginTexts = ['scope', 'prompt', 'loginHint', 'uiLocales', 'acrValues'] as const
/** The other options of `login`. */
const otherLoginOptions = [
  'mode',
  'resource',
  'maxAge',
  'claims',
  'authorizationDetails',
  'params',
  'returnTo',
  'appState',
  'signal',
] as const
/** Every option of `createClient` and of `login`, for a test that none was forgotten. */
export type KnownClientOption = keyof typeof choices | (typeof otherOptions)[number]
export type KnownLoginOption = (typeof loginTexts)[number] | (typeof otherLoginOptions)[number]
/** The parameters that the client sets itself: the login would not be what was checked, or not come back here. */
const ownParams: readonly string[] = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'resource',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'dpop_jkt',
  'request',
  'request_uri',
]

/** Validates the options and fills in the defaults. Throws a `TypeError` that names the option. */
export function buildConfig(given: ClientOptions): Config {
  const options = {
    redirectUri: '/callback.html',
    scope: 'openid',
    params: {},
    mode: 'popup' as const,
    responseMode: undefined,
    apis: [],
    discovery: 'oidc' as const,
    clockTolerance: 30,
    ...withoutUndefined(given),
  }
  const { clientId, scope, mode, metadata, store, clockTolerance } = options
  if ('clientSecret' in options)
    throw new TypeError(
      '"clientSecret" cannot be kept secret in a browser: register a public client; client credentials belong on a server',
    )
  checkNames(given, [...Object.keys(choices), ...otherOptions], 'createClient()')
  checkParams(options.params)
  const issuer = `${options.issuer}`
  checkServerUrl('issuer', issuer)
  check('clientId', clientId && typeof clientId === 'string', 'a non-empty string', clientId)
  for (const [option, words] of Object.entries(choices))
    checkChoice(option, options[option as keyof typeof choices], words)
  if (mode === 'overlay') requireOverlay(options.overlay)
  check(
    'store',
    !store || store.update,
    'indexedDBStore(), sessionStore(), memoryStore() or a Store of your own',
    store,
  )
  check(
    'clockTolerance',
    Number.isFinite(clockTolerance) && clockTolerance >= 0,
    '0 seconds or more',
    clockTolerance,
  )
  const required = isOpenId(scope) ? ['jwks_uri'] : []
  const wrong = metadata && findWrongEndpoint(metadata, required)
  if (wrong) checkServerUrl(`metadata.${wrong}`, metadata[wrong])
  return {
    ...options,
    issuer,
    redirectUri: resolveRedirectUri(options.redirectUri),
    resources: toResources(options.resource),
    apis: options.apis.map((api) => ({ ...api, url: resolveApi(api.url) })),
    metadata: metadata && { issuer, ...withoutUndefined(metadata) },
    timeouts: buildTimeouts(options.timeouts),
  }
}

/** Throws a `TypeError` where an app wants an overlay and has not passed that in. */
export function requireOverlay(overlay: OverlayCapability | undefined): OverlayCapability {
  check('overlay', overlay, 'overlay() from "latchkey/overlay" for mode "overlay"')
  return overlay!
}

/** Throws a `TypeError` for an option of `login` that is unknown or wrong. */
export function checkLoginOptions(options: LoginOptions): LoginOptions {
  checkNames(options, [...loginTexts, ...otherLoginOptions], 'login(): put request parameters in "params"')
  checkChoice('mode', options.mode, loginModes)
  for (const option of loginTexts) checkText(option, options[option])
  const { maxAge } = options
  check('maxAge', maxAge === undefined || maxAge >= 0, '0 seconds or more', maxAge)
  checkParams(options.params)
  return options
}

/** Refuses an option that nobody reads: a misspelt one would have no effect, and nobody would notice. */
function checkNames(options: object, known: string[], call: string): void {
  for (const name of Object.keys(withoutUndefined(options)))
    if (!known.includes(name)) throw new TypeError(`"${name}" is not an option of ${call}`)
}

function checkChoice(option: string, value: unknown, words: readonly unknown[]): void {
  check(option, value === undefined || words.includes(value), words.join(' or '), value)
}

/** Refuses parameters that would replace one of ours, or the whole request (RFC 9101). */
function checkParams(params: object = {}): void {
  for (const name of Object.keys(withoutUndefined(params)))
    check(`params.${name}`, !ownParams.includes(name), 'left out: the client sets it')
}

function buildTimeouts(timeouts: Timeouts = {}): Config['timeouts'] {
  const all = { ...defaultTimeouts, ...withoutUndefined<Partial<Config['timeouts']>>(timeouts) }
  // What is longer than 2^31 - 1 ms, `Infinity` included, would fire at once.
  for (const name of Object.keys(all) as (keyof Timeouts)[]) {
    check(`timeouts.${name}`, all[name] > 0, 'more than 0 milliseconds', all[name])
    all[name] = Math.min(all[name], 2 ** 31 - 1)
  }
  return all
}

function resolveRedirectUri(redirectUri: string | URL): string {
  // Without a page (SSR) there is nothing to resolve it against, and nobody to use it.
  if (typeof location === 'undefined') return `${redirectUri}`
  const url = resolveUrl(redirectUri)
  // Capacitor on iOS, Electron, files. What `location` says of such a page is not what `URL` says.
  check(
    'redirectUri',
    url?.origin !== 'null',
    'an https: URL: a login cannot return to another scheme (native apps: RFC 8252)',
    url,
  )
  check(
    'redirectUri',
    url?.origin === location.origin && !url.hash,
    "of this page's origin and without a fragment",
    url ?? redirectUri,
  )
  return url!.href
}

function resolveApi(url: string | URL): string {
  // A path alone, and no more: a variable that is not set, or a host without its scheme, is a mistake. Without a page (SSR) nobody
  // uses it, and any base will do.
  const base = globalThis.location?.href ?? 'http://localhost'
  const href = /^\//.test(`${url}`) ? new URL(url, base).href : `${url}`
  checkServerUrl('apis[].url', href)
  return href
}

function checkServerUrl(option: string, value: unknown): void {
  check(option, isEndpoint(value), 'an https: URL (http: only on localhost)', value)
}
