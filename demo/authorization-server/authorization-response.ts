import type { ParameterizedContext } from 'koa'

/** Checks whether a path is the authorization endpoint, or where a request continues after an interaction page. */
export function isAuthorizationPath(path: string): boolean {
  return path === '/auth' || path.startsWith('/auth/')
}

/**
 * Rewrites the parameters of an authorization response in a query, a fragment or a web message. Leaves other pages and redirects
 * within the server unchanged.
 */
export function rewriteAuthorizationResponse(
  ctx: ParameterizedContext,
  change: (params: URLSearchParams) => URLSearchParams,
): void {
  const location = ctx.response.get('location')
  if (location) {
    const url = new URL(location, ctx.href)
    if (url.origin !== ctx.origin) ctx.set('location', rewriteUrl(url, change))
  } else if (typeof ctx.body === 'string' && dataOfPage.test(ctx.body)) {
    ctx.body = ctx.body.replace(dataOfPage, (_, json: string) => {
      const data = JSON.parse(json) as { response: Record<string, string> }
      const response = Object.fromEntries(change(new URLSearchParams(data.response)))
      return `var data = ${JSON.stringify({ ...data, response }).replaceAll('<', '\\u003C')};`
    })
  }
}

// The line in oidc-provider's web message page that contains the response.
const dataOfPage = /var data = (\{.*\});/

function rewriteUrl(url: URL, change: (params: URLSearchParams) => URLSearchParams): string {
  if (url.hash) {
    url.hash = change(new URLSearchParams(url.hash.slice(1))).toString()
    return url.href
  }
  // The redirect URI's own query, `?as=a`, is not part of the response.
  const own = url.searchParams.getAll('as')
  url.searchParams.delete('as')
  const changed = change(url.searchParams)
  url.search = new URLSearchParams([...own.map((value) => ['as', value]), ...changed]).toString()
  return url.href
}
