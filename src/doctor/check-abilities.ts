import { findHidden } from './cors.js'
import type { Facts } from './facts.js'
import { isAnswer, readJson, type Outcome } from './probe.js'
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

/** What the token endpoint says; an answer about the code, which is wrong, comes after one about the client. */
const readError = (outcome: Outcome | undefined) =>
  readJson<{ error: string; error_description: string }>(outcome) ?? {}

/** Whether the token endpoint takes no request of this client without a proof: by one code or the other. */
function isBound({ token }: Facts): boolean {
  const { error, error_description: why } = readError(token)
  return error === 'invalid_dpop_proof' || (error === 'invalid_request' && /\bdpop\b/i.test(why ?? ''))
}

function checkPublicClient(facts: Facts): Row {
  const { metadata, clientId, token, tokenWithProof } = facts
  const { error } = clientId ? readError(isBound(facts) ? tokenWithProof : token) : {}
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
  if (!metadata?.grant_types_supported)
    return amber(
      'refresh',
      'the metadata does not say',
      'Make sure that the server gives refresh tokens to this client.',
    )
  if (!metadata.grant_types_supported.includes('refresh_token'))
    return amber(
      'refresh',
      'grant_types_supported does not list "refresh_token"',
      'Turn refresh tokens on. Else a hidden iframe is the only renewal, and browsers that block third-party cookies stop it.',
    )
  const isOffline = metadata.scopes_supported?.includes('offline_access')
  return green('refresh', isOffline ? 'yes; most want the scope offline_access' : 'yes')
}

function checkDPoP(facts: Facts): Row {
  const { metadata, clientId, tokenWithProof: answer } = facts
  const algorithms = metadata?.dpop_signing_alg_values_supported
  if (!algorithms) return grey('dpop', 'the server has none; leave dpop() out')
  if (!algorithms.includes('ES256'))
    return amber('dpop', `proofs by ${algorithms.join(', ')}`, 'Allow ES256, or leave dpop() out.')
  const isNonceSent = isAnswer(answer) && answer.headers.has('dpop-nonce')
  const hidden = isNonceSent ? findHidden(answer, ['DPoP-Nonce', 'WWW-Authenticate']) : []
  if (hidden.length)
    return amber(
      'dpop',
      `ES256; the token endpoint hides ${hidden.join(' and ')} from pages`,
      'Send Access-Control-Expose-Headers: DPoP-Nonce, WWW-Authenticate there, and at the APIs.',
    )
  if (isBound(facts))
    return amber(
      'dpop',
      `the token endpoint wants a proof from ${clientId ?? 'everybody'}`,
      'Give createClient the option dpop: dpop().',
    )
  return green('dpop', `ES256; ${isNonceSent ? 'nonces can be read' : 'the token endpoint sends no nonce'}`)
}

function checkPar({ metadata, pages, clientId, pushed }: Facts): Row {
  const isRequired = metadata?.require_pushed_authorization_requests
  if (clientId && isAnswer(pushed) && pushed.status === 401)
    return (isRequired ? red : amber)(
      'par',
      `the endpoint does not take ${clientId} without a secret`,
      isRequired ? 'Have it take public clients.' : 'Leave par: true out, or have it take public clients.',
    )
  if (pages?.login.pushed && !isRequired)
    return amber(
      'par',
      `required of ${clientId}, which the metadata does not say`,
      'Give createClient the option par: true.',
    )
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
