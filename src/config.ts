import { checkOption as check } from './base/check-option.js'
import { withoutUndefined } from './base/without-undefined.js'
import type { OverlayCapability } from './api/overlay.js'
import type { ClientOptions } from './api/client-options.js'
import type { Timeouts } from './api/timeouts.js'
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
/** What an option can be that is one of a few words. */
const choices = {
  mode: 'popup|overlay|redirect',
  stepUp: 'popup|redirect',
  responseMode: 'web_message|fragment|query',
  discovery: 'oidc|oauth2',
}

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
      '"clientSecret": everybody can read what a browser holds. Register a public client; client credentials belong on a server',
    )
  const issuer = `${options.issuer}`
  checkServerUrl('issuer', issuer)
  check('clientId', clientId && typeof clientId === 'string', 'a non-empty string', clientId)
  for (const [option, known] of Object.entries(choices)) {
    const value = options[option as keyof typeof choices]
    check(option, RegExp(`^(${known}|undefined)$`).test(`${value}`), known, value)
  }
  if (mode === 'overlay') requireOverlay(options.overlay)
  check(
    'store',
    !store || store.update,
    'indexedDBStore(), sessionStore(), memoryStore() or one alike',
    store,
  )
  check(
    'clockTolerance',
    Number.isFinite(clockTolerance) && clockTolerance >= 0,
    'seconds, 0 or more',
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
  check('overlay', overlay, 'overlay() of "latchkey/overlay" for mode "overlay"')
  return overlay!
}

function buildTimeouts(timeouts: Timeouts = {}): Config['timeouts'] {
  const all = { ...defaultTimeouts, ...withoutUndefined<Partial<Config['timeouts']>>(timeouts) }
  // What is longer than 2^31 - 1 ms, `Infinity` included, would fire at once.
  for (const name of Object.keys(all) as (keyof Timeouts)[]) {
    check(`timeouts.${name}`, all[name] > 0, 'milliseconds above 0', all[name])
    all[name] = Math.min(all[name], 2 ** 31 - 1)
  }
  return all
}

function resolveRedirectUri(redirectUri: string | URL): string {
  // Without a page (SSR) there is nothing to resolve it against, and nobody to use it.
  if (typeof location === 'undefined') return `${redirectUri}`
  const url = URL.canParse(redirectUri, location.href) ? new URL(redirectUri, location.href) : undefined
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
  check(option, isEndpoint(value), 'an https: URL (http: only for this device itself)', value)
}
