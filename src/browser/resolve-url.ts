import { fromDocument } from './from-document.js'

/**
 * Resolves a URL that an app gives, against `<base href>` as the document does. A base of another origin, a CDN, does not count: a
 * login comes back to this origin alone. Undefined for what cannot be parsed.
 */
export function resolveUrl(url: string | URL): URL | undefined {
  // A worker has a location and no document.
  const base = typeof document === 'undefined' ? '' : fromDocument('baseURI')
  const against = base.startsWith(location.origin + '/') ? base : location.href
  return URL.canParse(url, against) ? new URL(url, against) : undefined
}
