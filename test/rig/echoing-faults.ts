import type { FaultOptions } from './faults.js'
import type { JsonObject } from './id-token-tampering.js'
import type { TestAuthorizationServer } from './authorization-server.js'

/** Builds a fault whose answer repeats everything that was sent: code, verifier, refresh token. */
function echo(build: (sent: Record<string, string>) => Partial<FaultOptions>): FaultOptions {
  const options: FaultOptions = {
    when({ params }) {
      Object.assign(options, build(params))
      return true
    },
    // Overwritten at each request; without it the server would answer by itself.
    body: '',
  }
  return options
}

/** Ways in which a token endpoint can fail while its answer holds as many secrets as it can, by what is answered. */
export const tokenEndpointFaults: Record<
  'an error' | 'nothing of use',
  Record<string, () => FaultOptions>
> = {
  'an error': {
    'status 500 with all that was sent': () => echo((sent) => ({ status: 500, body: sent })),
    'status 500 with an OAuth error': () =>
      echo((sent) => ({ status: 500, body: { error: 'server_error', ...sent } })),
    'status 503 with all that was sent': () => echo((sent) => ({ status: 503, retryAfter: 60, body: sent })),
    'status 429 with all that was sent': () => echo((sent) => ({ status: 429, retryAfter: 60, body: sent })),
    'status 400 without an error': () => echo((sent) => ({ status: 400, body: sent })),
    '"invalid_grant" with all that was sent': () => echo((sent) => ({ status: 400, body: { error: 'invalid_grant', ...sent } })), // prettier-ignore
    '"invalid_client" with all that was sent': () => echo((sent) => ({ status: 401, body: { error: 'invalid_client', ...sent } })), // prettier-ignore
    'a description that repeats what was sent': () =>
      echo((sent) => ({
        status: 400,
        body: {
          error: 'invalid_request',
          error_description: `no good: ${sent['code'] ?? sent['refresh_token']} ${sent['code_verifier'] ?? ''}`,
        },
      })),
    'an error that repeats what was sent': () =>
      echo((sent) => ({ status: 400, body: { error: sent['code'] ?? sent['refresh_token'] } })),
    'a challenge that repeats what was sent': () =>
      echo((sent) => ({
        status: 401,
        body: '{}',
        headers: { 'www-authenticate': `Bearer error="invalid_token", error_description="${sent['code'] ?? sent['refresh_token']}"` }, // prettier-ignore
      })),
  },
  'nothing of use': {
    'an HTML page with all that was sent': () => echo((sent) => ({ body: `<p>${JSON.stringify(sent)}</p>` })),
    'a 200 without a token': () => echo((sent) => ({ body: sent })),
    'a redirect with what was sent': () =>
      echo((sent) => ({ status: 302, headers: { location: `/elsewhere?${new URLSearchParams(sent)}` } })),
    'a cut connection': () => ({ cut: true }),
    'an answer that is cut in its body': () => echo((sent) => ({ cut: 'body', body: JSON.stringify(sent) })),
    // What is let go in the end is cut: it would bring new tokens.
    'no answer in time': () => ({ hang: true, cut: true }),
  },
}

/** Ways to spoil an answer that holds all tokens, by what is spoiled; each returns the function that ends it. */
export const tokenAnswerFaults: Record<
  'field' | 'ID token',
  Record<string, (as: TestAuthorizationServer) => () => void>
> = {
  field: {
    'another token type': (as) => spoilAnswer(as, { token_type: 'DPoP' }),
    'a token type that nobody knows': (as) => spoilAnswer(as, { token_type: 'mac' }),
    'no token type': (as) => spoilAnswer(as, { token_type: undefined }),
    'a life that is no number': (as) => spoilAnswer(as, { expires_in: 'soon' }),
    'a scope that is no text': (as) => spoilAnswer(as, { scope: 5 }),
    'a refresh token that is no text': (as) => spoilAnswer(as, { refresh_token: 5 }),
    'an ID token that is no text': (as) => spoilAnswer(as, { id_token: 5 }),
  },
  'ID token': {
    'an ID token that is none': (as) => as.tamperIdToken(() => ({ raw: 'not.a.token' })),
    'an ID token of another issuer': (as) => tamper(as, { iss: 'https://evil.example' }),
    'an ID token for another audience': (as) => tamper(as, { aud: 'other' }),
    'an ID token for another party': (as) => tamper(as, { azp: 'other' }),
    'an ID token with another nonce': (as) => tamper(as, { nonce: 'n'.repeat(43) }),
    'an ID token that has ended': (as) => tamper(as, { exp: 1 }),
    'an ID token out of the future': (as) => tamper(as, { iat: Math.floor(Date.now() / 1000) + 3600 }),
    'an ID token with another hash': (as) => tamper(as, { at_hash: 'A'.repeat(22) }),
    'an ID token without a subject': (as) => tamper(as, { sub: undefined }),
    'an ID token with a forged signature': (as) => as.tamperIdToken(() => ({ signWith: 'foreign' })),
    'an ID token without a signature': (as) => as.tamperIdToken(() => ({ signWith: 'none' })),
    'an ID token under an unknown key': (as) =>
      as.tamperIdToken((_, header) => ({ header: { ...header, kid: 'unknown' }, signWith: 'foreign' })),
  },
}

function spoilAnswer(as: TestAuthorizationServer, change: JsonObject): () => void {
  return as.tamperTokenResponse((json) => ({ ...json, ...change }))
}

function tamper(as: TestAuthorizationServer, change: JsonObject): () => void {
  return as.tamperIdToken((claims) => ({ claims: { ...claims, ...change } }))
}
