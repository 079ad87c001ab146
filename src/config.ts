import { checkOption as check } from './base/check-option.js'
import { clientModes, loginModes, stepUpModes, type LoginMode } from './base/login-modes.js'
import { withoutUndefined } from './base/without-undefined.js'
import type { ClientOptions } from './api/client-options.js'
import type { LoginOptions } from './api/login-options.js'
import type { Timeouts } from './api/timeouts.js'
import { resolveUrl } from './browser/resolve-url.js'
import type { Config } from './session/config.js'
import { findWrongEndpoint } from './protocol/secure-url.js'
import { toResources } from './protocol/resources.js'
import { isEndpoint } from './protocol/secure-url.js'
import { isTenantId, tenantMark } from './protocol/tenant-id.js'
import { isOpenId } from './protocol/scope.js'
import { withoutPrototype } from './base/without-prototype.js'

const defaultTimeouts: Config['timeouts'] = {
  popup: 600_000,
  transaction: 900_000,
  iframe: 10_000,
  request: 10_000,
}

/** What an option must be: in words for error messages, and as a check. */
interface Rule {
  expected: string
  isValid(value: any): unknown
}

const oneOf = (...words: string[]): Rule => ({
  expected: words.join(' or '),
  isValid: (value) => words.includes(value),
})
/** An option that is checked where it is used, or not at all. */
const unchecked: Rule = { expected: '', isValid: () => true }
const text: Rule = { expected: 'a string', isValid: (value) => typeof value === 'string' }
const seconds: Rule = {
  expected: '0 seconds or more',
  isValid: (value) => Number.isFinite(value) && value >= 0,
}
const serverUrl: Rule = {
  expected: 'an https: URL (http: only on localhost)',
  isValid: isEndpoint,
}

/** Every option of `createClient`: the type ensures that none is missing. */
const clientRules: Readonly<Record<keyof ClientOptions, Rule>> = {
  issuer: serverUrl,
  clientId: { expected: 'a non-empty string', isValid: (value) => value && typeof value === 'string' },
  redirectUri: unchecked,
  scope: unchecked,
  resource: unchecked,
  params: unchecked,
  apis: unchecked,
  mode: oneOf(...clientModes),
  stepUp: oneOf(...stepUpModes),
  responseMode: oneOf('web_message', 'fragment', 'query'),
  tenants: unchecked,
  discovery: oneOf('oidc', 'oauth2'),
  metadata: unchecked,
  endSessionUrl: serverUrl,
  store: {
    expected: 'indexedDBStore(), sessionStore(), memoryStore() or a Store of your own',
    isValid: (value) => !value || value.update,
  },
  vault: unchecked,
  par: unchecked,
  dpop: unchecked,
  overlay: unchecked,
  transports: unchecked,
  clockTolerance: seconds,
  timeouts: unchecked,
  onEvent: unchecked,
}

/** Every option of `login`. */
const loginRules: Readonly<Record<keyof LoginOptions, Rule>> = {
  mode: oneOf(...loginModes),
  scope: text,
  resource: unchecked,
  prompt: text,
  loginHint: text,
  uiLocales: text,
  acrValues: text,
  maxAge: seconds,
  claims: unchecked,
  authorizationDetails: unchecked,
  params: unchecked,
  returnTo: unchecked,
  appState: unchecked,
  signal: unchecked,
}

/** The names of the options in the tables, for a test. */
export type ClientOptionName = keyof typeof clientRules
export type LoginOptionName = keyof typeof loginRules

/**
 * The parameters that the client sets itself. With other values, the checks would not match the request, or the response would be
 * lost.
 */
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
export function buildConfig(clientOptions: ClientOptions): Config {
  const options = withoutPrototype({
    redirectUri: '/callback.html',
    scope: 'openid',
    params: {},
    mode: 'popup' as const,
    responseMode: undefined,
    apis: [],
    discovery: 'oidc' as const,
    clockTolerance: 30,
    ...withoutUndefined(clientOptions),
  })
  if ('clientSecret' in options)
    throw new TypeError(
      '"clientSecret" cannot be kept secret in a browser: register a public client; client credentials belong on a server',
    )
  const { scope } = options
  const metadata = options.metadata && withoutPrototype(withoutUndefined(options.metadata))
  // A URL object encodes the braces of the tenant.
  const issuer = `${options.issuer}`.replace('%7Btenantid%7D', tenantMark)
  const endSessionUrl = options.endSessionUrl && `${options.endSessionUrl}`
  // Required: an empty one is invalid.
  const { clientId = '' } = options
  checkOptions(
    withoutPrototype({ ...options, issuer, clientId, endSessionUrl }),
    clientRules,
    'createClient()',
  )
  const { tenants } = options
  check(
    'tenants',
    issuer.includes(tenantMark) ? isTenants(tenants) : !tenants,
    `'any' or a list of GUIDs in lower case if "issuer" has ${tenantMark}, else left out`,
    tenants,
  )
  // Anything but a list is reported with the mode that needs it.
  const external = options.transports?.find?.(({ mode }) => mode === 'external')
  const redirectUri = resolveRedirectUri(options.redirectUri, !!external)
  const windowless = !!external?.claims(redirectUri)
  // The default mode may be unused, so only its options are checked here.
  checkMode(options.mode, { overlay: options.overlay, external, windowless: false })
  checkMode(options.stepUp, { overlay: undefined, external, windowless }, 'stepUp')
  const required = isOpenId(scope) ? ['jwks_uri'] : []
  const wrong = metadata && findWrongEndpoint(metadata, required)
  if (wrong) checkRule(`metadata.${wrong}`, serverUrl, metadata[wrong])
  return withoutPrototype({
    ...options,
    issuer,
    endSessionUrl,
    redirectUri,
    external,
    windowless,
    resources: toResources(options.resource),
    apis: options.apis.map((api) => withoutPrototype({ ...api, url: resolveApi(api.url) })),
    metadata: metadata && withoutPrototype({ issuer, ...metadata }),
    timeouts: buildTimeouts(options.timeouts),
  })
}

/** The parts of a client that only some modes need. */
interface ModeSupport extends Pick<Config, 'external' | 'windowless'> {
  overlay?: Config['overlay'] | undefined
}

/** Throws a `TypeError` if the client has no option for this mode, or if its responses do not return to a window of this page. */
export function checkMode(
  mode: LoginMode | undefined,
  { overlay, external, windowless }: ModeSupport,
  option = 'mode',
): void {
  if (mode === 'overlay') check('overlay', overlay, 'overlay() from "latchkey/overlay" for mode "overlay"')
  if (mode === 'external')
    check('transports', external, '[external()] from "latchkey/external" for mode "external"')
  else if (mode && windowless) external!.refuse(mode, option)
}

/** Throws a `TypeError` for an unknown or invalid option of `login`. */
export function checkLoginOptions(options: LoginOptions): LoginOptions {
  const own = withoutPrototype(options)
  checkOptions(own, loginRules, 'login(): put request parameters in "params"')
  return own
}

/** Checks all options. Refuses unknown ones, because otherwise nobody would notice that a misspelled option has no effect. */
function checkOptions(
  options: ClientOptions | LoginOptions,
  rules: Readonly<Record<string, Rule>>,
  call: string,
): void {
  for (const [name, value] of Object.entries(withoutUndefined<object>(options))) {
    if (!Object.hasOwn(rules, name)) throw new TypeError(`"${name}" is not an option of ${call}`)
    checkRule(name, rules[name]!, value)
  }
  checkParams(options.params)
}

function checkRule(option: string, { isValid, expected }: Rule, value: unknown): void {
  check(option, isValid(value), expected, value)
}

/** Refuses parameters that would replace one of ours, or the whole request (RFC 9101). */
function checkParams(params: object = {}): void {
  for (const name of Object.keys(withoutUndefined(params)))
    check(`params.${name}`, !ownParams.includes(name), 'left out: the client sets it')
}

function isTenants(tenants: ClientOptions['tenants']): unknown {
  return tenants === 'any' || (Array.isArray(tenants) && tenants[0] && tenants.every(isTenantId))
}

function buildTimeouts(timeouts: Timeouts = {}): Config['timeouts'] {
  const all = { ...defaultTimeouts, ...withoutUndefined<Partial<Config['timeouts']>>(timeouts) }
  // A timer of more than 2^31 - 1 ms, such as `Infinity`, would fire at once.
  for (const name of Object.keys(all) as (keyof Timeouts)[]) {
    check(`timeouts.${name}`, all[name] > 0, 'more than 0 milliseconds', all[name])
    all[name] = Math.min(all[name], 2 ** 31 - 1)
  }
  return all
}

function resolveRedirectUri(redirectUri: string | URL, external: boolean): string {
  // Without a page (SSR), there is nothing to resolve it against, and it is not used.
  if (typeof location === 'undefined') return `${redirectUri}`
  const url = resolveUrl(redirectUri)
  // `external()` checks it itself.
  if (external) return `${url ?? redirectUri}`
  // Capacitor on iOS, Electron, files. `URL` sees another origin there than `location`.
  check(
    'redirectUri',
    url?.origin !== 'null',
    'an https: URL: a login cannot return to another scheme (native apps: latchkey/external)',
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
  // Only a path is resolved: a variable that is not set, or a host without a scheme, is a mistake. Without a page (SSR), it is not
  // used, so any base will do.
  const base = globalThis.location?.href ?? 'http://localhost'
  const href = /^\//.test(`${url}`) ? new URL(url, base).href : `${url}`
  checkRule('apis[].url', serverUrl, href)
  return href
}
