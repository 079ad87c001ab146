import { expectNoState, validateAuthResponse, type AuthorizationServer, type Client } from 'oauth4webapi'
import { AuthError } from '../base/errors.js'
import { withoutPrototype } from '../base/without-prototype.js'
import { findTenantId, tenantMark } from './tenant-id.js'
import { refuse } from './refuse.js'
import { toAuthError } from './to-auth-error.js'
import type { Transaction } from './transaction.js'

/**
 * Reads the response parameters from the URL of the callback page, which must be the redirect URI of the request: if a server does
 * not send `iss`, only the URL tells its responses from those of another server (RFC 9700 section 4.4.2.2). Throws
 * `invalid_response`.
 */
export function parseCallbackUrl(href: string, redirectUri: string): URLSearchParams {
  // The error of the browser would repeat the URL, and the code in it.
  if (!URL.canParse(href))
    throw refuse('invalid_response', 'redirect_uri', 'the response arrived without a valid URL')
  const expected = new URL(redirectUri)
  const received = new URL(href)
  const fragment = new URLSearchParams(received.hash.slice(1))
  const query = new URLSearchParams(received.search)
  // `origin` would be `null` with a private-use scheme.
  Object.assign(received, { username: '', password: '', search: '', hash: '' })
  for (const name of new Set(expected.searchParams.keys())) {
    for (const value of query.getAll(name)) received.searchParams.append(name, value)
    query.delete(name)
  }
  expected.search = `${expected.searchParams}`
  const params = fragment.has('state') || fragment.has('error') ? fragment : query
  // With a response in the fragment, the query may contain only the redirect URI's own parameters.
  if (received.href === expected.href && !(params === fragment && query.size)) return params
  // Without long values: a server that appends the response in a wrong way puts the code into one of them.
  const place = received.href.replace(/=[^&]{17,}/g, '=…')
  throw refuse(
    'invalid_response',
    'redirect_uri',
    `the response arrived at ${place} instead of "redirect_uri" ${expected}: does the host strip ".html"?`,
  )
}

/**
 * Validates an authorization response: `state`, `iss` (RFC 9207), repeated parameters, and errors of the server. Returns the code.
 * Throws `invalid_response`, or the server's error by its own name.
 */
export function validateAuthorizationResponse(
  server: AuthorizationServer,
  client: Client,
  params: URLSearchParams,
  { state, nonce, codeVerifier }: Pick<Transaction, 'state' | 'nonce' | 'codeVerifier'>,
): string {
  // RFC 6749 section 3.1; the library checks only the parameters that it uses.
  const names = new Set<string>()
  for (const name of params.keys()) {
    if (names.has(name)) throw refuse('invalid_response', name)
    names.add(name)
  }
  const isStateless = !params.has('state')
  const code = params.get('code') ?? ''
  const hasError = params.has('error')
  if (isStateless && !hasError && !code)
    throw new AuthError(
      'invalid_response',
      'the response of the server has no parameters: does it use "form_post"?',
    )
  // If each tenant has its own issuer, only the response names the tenant. Its users are checked with the ID token.
  const issuer = server.issuer.replace(tenantMark, `${findTenantId(params.get('iss'))}`)
  const as = withoutPrototype({ ...server, issuer })
  try {
    // An error without `state`: our own window brought it (response-listener.ts), and it cannot start a session.
    if (isStateless && hasError) validateAuthResponse({ issuer: as.issuer }, client, params, expectNoState)
    else validateAuthResponse(as, client, params, state)
  } catch (error) {
    // Some servers repeat in an error what they were sent.
    const secrets = [state, nonce, codeVerifier, code].filter((secret) => !!secret) as string[]
    throw toAuthError(error, 'the authorization endpoint', 'invalid_response', { secrets })
  }
  if (!code)
    throw refuse('invalid_response', 'code', 'the response of the server has neither "code" nor "error"')
  return code
}
