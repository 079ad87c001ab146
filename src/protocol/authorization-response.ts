import { validateAuthResponse, type AuthorizationServer, type Client } from 'oauth4webapi'
import { refuse, toAuthError } from './to-auth-error.js'

/**
 * Takes the response parameters out of the URL that the callback page was loaded at, which must be the redirect URI
 * that the request named: where a server sends no `iss`, this is what tells its answer from another one's (RFC 9700
 * section 4.4.2.2). Throws `invalid_response`.
 */
export function parseCallbackUrl(href: string, redirectUri: string): URLSearchParams {
  const url = new URL(href)
  const expected = new URL(redirectUri)
  const fragment = new URLSearchParams(url.hash.slice(1))
  const query = url.searchParams
  let same = url.origin + url.pathname === expected.origin + expected.pathname
  for (const [name, value] of expected.searchParams) {
    same &&= query.getAll(name).join() === value
    query.delete(name)
  }
  const params = fragment.has('state') ? fragment : query
  // What stands in the query beside a response in the fragment must be the redirect URI's own.
  if (same && !(params === fragment && query.size)) return params
  throw refuse('invalid_response', 'redirect_uri')
}

/**
 * Validates an authorization response: `state`, `iss` (RFC 9207), parameters given twice, errors of the server.
 * Throws `invalid_response`, or the server's error by its own name.
 */
export function validateAuthorizationResponse(
  as: AuthorizationServer,
  client: Client,
  params: URLSearchParams,
  state: string,
): URLSearchParams {
  // RFC 6749 section 3.1; the library looks at the parameters that it uses.
  for (const name of params.keys()) if (params.getAll(name).length > 1) throw refuse('invalid_response', name)
  try {
    return validateAuthResponse(as, client, params, state)
  } catch (error) {
    throw toAuthError(error, 'login', 'invalid_response')
  }
}
