import { findHidden } from './cors.js'
import type { ClientFacts, Facts } from './facts.js'
import { endsApart } from './page-walk.js'
import { isAnswer, readJson, type Outcome } from './probe.js'
import { amber, green, grey, red, type Row } from './row.js'
import { isClientRefused, isToldApart, readError, sayAnswer } from './told-apart.js'

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

const addClient = 'add --client-id <id>'
const sameForNobody = 'a client ID that nobody has gets the same answer'

/** Whether the token endpoint takes no request of this client without a proof: by one code or the other. */
function isBound({ token }: Facts): boolean {
  const { error, error_description: why } = readError(token)
  return error === 'invalid_dpop_proof' || (error === 'invalid_request' && /\bdpop\b/i.test(why ?? ''))
}

/** What the token endpoint says about the client: where that must prove a key, only the request with a proof gets so far. */
function findAnswer(
  facts: Facts,
  { token, tokenWithProof, tokenWithNonce }: ClientFacts,
): Outcome | undefined {
  return isBound(facts) ? (tokenWithNonce ?? tokenWithProof) : token
}

function checkPublicClient(facts: Facts): Row {
  const { metadata, clientId, nobody } = facts
  const isListed = metadata?.token_endpoint_auth_methods_supported?.includes('none')
  if (!clientId)
    return isListed
      ? grey('public-client', `the metadata lists "none"; no client was tried: ${addClient}`)
      : amber(
          'public-client',
          'token_endpoint_auth_methods_supported does not list "none"',
          'Make sure that the client is registered as a public one, without a secret.',
        )
  const answer = findAnswer(facts, facts)
  if (isClientRefused(answer))
    return red(
      'public-client',
      `the token endpoint does not accept ${clientId} without a secret`,
      'Register it as a public client ("single-page app"), or correct the client ID.',
    )
  // The code is wrong: a server that says so has accepted the client, if it looks at the client first.
  const isCodeRefused = readError(answer).error === 'invalid_grant'
  if (isCodeRefused && isToldApart(answer, nobody && findAnswer(facts, nobody)))
    return green('public-client', `${clientId} needs no secret`)
  const why = isCodeRefused ? sameForNobody : `the token endpoint answers ${sayAnswer(answer)}`
  return amber(
    'public-client',
    `could not be determined: ${why}`,
    `Make sure that ${clientId} is registered as a public client, without a secret.`,
  )
}

function checkRefresh({ metadata, clientId, token, refresh }: Facts): Row {
  const { error } = readError(refresh)
  const isGrantRefused = error === 'unsupported_grant_type' || error === 'unauthorized_client'
  // A client that is refused whatever it asks for has a row of its own.
  if (isGrantRefused && error !== readError(token).error)
    return amber(
      'refresh',
      `the token endpoint refuses refresh tokens from ${clientId}: ${error}`,
      `Turn refresh tokens on for this client. ${withoutRefresh}`,
    )
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
      `Turn refresh tokens on. ${withoutRefresh}`,
    )
  const isOffline = metadata.scopes_supported?.includes('offline_access')
  const scope = isOffline ? '; most servers want the scope offline_access' : ''
  return green('refresh', `the metadata lists them${scope}`)
}

const withoutRefresh =
  'Without them a hidden iframe is the only renewal, and browsers that block third-party cookies stop it.'

function checkDPoP(facts: Facts): Row {
  const { metadata, clientId, tokenWithProof: answer, tokenWithWrongProof, dpop: isWanted } = facts
  const bad = isWanted ? red : amber
  const algorithms = metadata?.dpop_signing_alg_values_supported
  if (!algorithms)
    return isWanted
      ? red(
          'dpop',
          'the metadata lists no dpop_signing_alg_values_supported: dpop() cannot work',
          'Turn DPoP on at the server, or leave dpop() out.',
        )
      : grey('dpop', 'the server does not have it; leave dpop() out')
  if (!algorithms.includes('ES256'))
    return bad('dpop', `proofs by ${algorithms.join(', ')}`, 'Allow ES256, or leave dpop() out.')
  const isNonceSent = isAnswer(answer) && answer.headers.has('dpop-nonce')
  const hidden = isNonceSent ? findHidden(answer, ['DPoP-Nonce', 'WWW-Authenticate']) : []
  if (hidden.length)
    return bad(
      'dpop',
      `ES256; the token endpoint hides ${hidden.join(' and ')} from pages`,
      'Send Access-Control-Expose-Headers: DPoP-Nonce, WWW-Authenticate there, and at the APIs.',
    )
  if (isBound(facts) && !isWanted)
    return amber(
      'dpop',
      `the token endpoint wants a proof from ${clientId ?? 'everybody'}`,
      'Give createClient the option dpop: dpop().',
    )
  if (isToldApart(answer, tokenWithWrongProof))
    return green('dpop', `ES256; ${isNonceSent ? 'nonces can be read' : 'the token endpoint sends no nonce'}`)
  const found = 'the metadata lists ES256; a wrong proof gets the same answer as a right one'
  return isWanted
    ? amber('dpop', found, 'Log in once, and check that getTokenSet() says token_type "DPoP".')
    : grey('dpop', clientId ? found : `the metadata lists ES256; not tried: ${addClient}`)
}

function checkPar(facts: Facts): Row {
  const { metadata, pages, clientId, pushed, nobody, par: isWanted } = facts
  const isRequired = metadata?.require_pushed_authorization_requests
  if (!metadata?.pushed_authorization_request_endpoint) {
    if (isRequired) return red('par', 'required, and no endpoint is named', 'Have the metadata corrected.')
    return isWanted
      ? red(
          'par',
          'the metadata names no pushed_authorization_request_endpoint: par: true cannot work',
          'Turn PAR on at the server, or leave par: true out.',
        )
      : grey('par', 'the server does not have it; leave par: true out')
  }
  if (!clientId) return grey('par', `${isRequired ? 'required' : 'offered'}; not tried: ${addClient}`)
  const bad = isRequired || isWanted ? red : amber
  const leaveOut = isRequired ? '' : ' Or leave par: true out.'
  if (isClientRefused(pushed))
    return bad(
      'par',
      `the endpoint does not accept ${clientId} without a secret`,
      `Have it accept public clients.${leaveOut}`,
    )
  if (pages?.login.pushed && !isRequired && !isWanted)
    return amber(
      'par',
      `required of ${clientId}, which the metadata does not say`,
      'Give createClient the option par: true.',
    )
  if (!readJson<{ request_uri: string }>(pushed)?.request_uri)
    return bad('par', `the endpoint answers ${sayAnswer(pushed)}`, `Fix what it names.${leaveOut}`)
  if (!isToldApart(pushed, nobody?.pushed)) return grey('par', `could not be determined: ${sameForNobody}`)
  if (isRequired) return green('par', 'required, and done')
  return green('par', isWanted ? 'offered, and done' : 'offered; par: true uses it')
}

function checkLogout({ metadata, pages, origin, clientId }: Facts): Row {
  if (!metadata?.end_session_endpoint)
    return amber(
      'logout',
      'no end_session_endpoint: the session at the server goes on',
      'Turn on RP-initiated logout, or tell users; the next login may not ask who they are.',
    )
  const { logout, logoutElsewhere } = pages ?? {}
  if (!clientId || !logout || !logoutElsewhere)
    return grey('logout', `the metadata names an end_session_endpoint; not tried: ${addClient}`)
  const last = logout.steps.at(-1)
  const answer = logout.failure ?? `HTTP ${last?.status}`
  const isTaken = !logout.failure && (logout.returned !== undefined || (last?.status ?? 500) < 400)
  if (!isTaken)
    return /post_?\s?logout/i.test(last?.body ?? '')
      ? amber(
          'logout',
          `the end_session_endpoint refuses to return to ${origin}/ (${answer})`,
          `Register ${origin}/ as a post-logout redirect URI of ${clientId}, or give logout() another returnTo.`,
        )
      : grey('logout', `not seen: without an ID token the end_session_endpoint answers ${answer}`)
  return endsApart(logout, logoutElsewhere)
    ? green('logout', `ends the session at the server too, and may return to ${origin}/`)
    : grey('logout', 'could not be determined: a place that nobody has registered gets the same answer')
}
