import { findHidden } from './cors.js'
import type { Facts } from './facts.js'
import { readJson } from './probe.js'
import { amber, green, grey, red, type Row } from './row.js'

/** Checks what the server can do for an app without a secret. */
export function checkAbilities(facts: Facts): Row[] {
  return [
    checkPublicClient(facts),
    checkRefresh(facts),
    checkDPoP(facts),
    checkPar(facts),
    checkLogout(facts),
  ]
}

function checkPublicClient({ metadata, clientId, token }: Facts): Row {
  // An answer about the code, which is wrong, comes after one about the client.
  const error = clientId && readJson<{ error: string }>(token)?.error
  if (error === 'invalid_client' || error === 'unauthorized_client')
    return red(
      'public-client',
      `the token endpoint does not take ${clientId} without a secret`,
      'Register it as a public client ("single-page app"); mend the client ID.',
    )
  if (error === 'invalid_grant') return green('public-client', `${clientId} needs no secret`)
  return metadata?.token_endpoint_auth_methods_supported?.includes('none')
    ? green('public-client', 'the server has clients without a secret')
    : amber(
        'public-client',
        'token_endpoint_auth_methods_supported does not list "none"',
        'Make sure that the client is registered as a public one, without a secret.',
      )
}

function checkRefresh({ metadata }: Facts): Row {
  if (!metadata?.grant_types_supported?.includes('refresh_token'))
    return amber(
      'refresh',
      'grant_types_supported does not list "refresh_token"',
      'Turn refresh tokens on. Else a hidden iframe is the only renewal, and browsers that block third-party cookies stop it.',
    )
  const isOffline = metadata.scopes_supported?.includes('offline_access')
  return green('refresh', isOffline ? 'yes; most want the scope offline_access' : 'yes')
}

function checkDPoP({ metadata, token }: Facts): Row {
  const algorithms = metadata?.dpop_signing_alg_values_supported
  if (!algorithms) return grey('dpop', 'the server has none; leave dpop() out')
  if (!algorithms.includes('ES256'))
    return amber('dpop', `proofs by ${algorithms.join(', ')}`, 'Allow ES256, or leave dpop() out.')
  const hidden = findHidden(token, ['DPoP-Nonce', 'WWW-Authenticate'])
  return hidden.length
    ? amber(
        'dpop',
        `ES256; the token endpoint hides ${hidden.join(' and ')} from pages`,
        'Send Access-Control-Expose-Headers: DPoP-Nonce, WWW-Authenticate there, and at the APIs.',
      )
    : green('dpop', 'ES256; nonces can be read')
}

function checkPar({ metadata }: Facts): Row {
  const isRequired = metadata?.require_pushed_authorization_requests
  if (metadata?.pushed_authorization_request_endpoint)
    return green('par', isRequired ? 'required, and done' : 'offered; par: true uses it')
  return isRequired
    ? red('par', 'required, and no endpoint is named', 'Have the metadata mended.')
    : grey('par', 'the server has none')
}

function checkLogout({ metadata }: Facts): Row {
  return metadata?.end_session_endpoint
    ? green('logout', 'ends the session at the server too')
    : amber(
        'logout',
        'no end_session_endpoint: the session at the server goes on',
        'Turn on RP-initiated logout, or tell users; the next login may not ask who they are.',
      )
}
