import { fromDocument } from './from-document.js'

/**
 * Resolves a URL from the app against `<base href>`, as the document does. A base of another origin, such as a CDN, is ignored,
 * because logins only return to this origin. Returns undefined if the URL cannot be parsed.
 */
export function resolveUrl(url: string | URL): URL | undefined {
  // A worker has a location, but no document.
  const base = typeof document === 'undefined' ? '' : fromDocument('baseURI')
  const against = base.startsWith(location.origin + '/') ? base : location.href
  return URL.canParse(url, against) ? new URL(url, against) : undefined
}
