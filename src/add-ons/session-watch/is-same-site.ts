/**
 * Tells whether two URLs may be of the same site: the same scheme, and the same host or the same last two labels of it. Only the browser
 * knows the public suffixes, such as `co.uk`, so this can be true for two different sites.
 */
export function isSameSite(one: URL, other: URL): boolean {
  if (one.protocol !== other.protocol) return false
  if (one.hostname === other.hostname) return true
  // Only a name, not an IP address.
  const parent = /[^.]+\.[^.]*[a-z][^.]*$/.exec(one.hostname)?.[0]
  return !!parent && parent === /[^.]+\.[^.]+$/.exec(other.hostname)?.[0]
}
