import { findHidden } from './cors.js'
import type { ClientFacts, Facts } from './facts.js'
import { endsApart } from './page-walk.js'
import { isAnswer, readJson, type Outcome } from './probe.js'
import { amber, green, grey, red, type Row } from './row.js'
import { isClientRefused, isToldApart, readError, sayAnswer } from './told-apart.js'

/** Checks what the server supports for an app without a secret. */
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
const sameForNobody = 'an unregistered client ID gets the same answer'

/** Tells whether the token endpoint requires a proof from this client. Servers use different codes for that. */
function isBound({ token }: Facts): boolean {
  const { error, error_description: why } = readError(token)
  return error === 'invalid_dpop_proof' || (error === 'invalid_request' && /\bdpop\b/i.test(why ?? ''))
}

/** The answer of the token endpoint about the client. If a proof is required, only a request with a proof gets that far. */
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
      ? grey('public-client', `the metadata lists "none"; not tried with a client: ${addClient}`)
      : amber(
          'public-client',
          'token_endpoint_auth_methods_supported does not list "none"',
          'Make sure that the client is registered as a public client, without a secret.',
        )
  const answer = findAnswer(facts, facts)
  if (isClientRefused(answer))
    return red(
      'public-client',
      `the token endpoint does not accept ${clientId} without a secret`,
      'Register it as a public client ("single-page app"), or correct the client ID.',
    )
  // The code is invalid. A server that says so has accepted the client, provided that it checks the client first.
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
  // A client that is refused for every grant has a row of its own.
  if (isGrantRefused && error !== readError(token).error)
    return amber(
      'refresh',
      `the token endpoint refuses refresh tokens from ${clientId}: ${error}`,
      `Enable refresh tokens for this client. ${withoutRefresh}`,
    )
  if (!metadata?.grant_types_supported)
    return amber(
      'refresh',
      'the metadata does not say',
      'Make sure that the server issues refresh tokens to this client.',
    )
  if (!metadata.grant_types_supported.includes('refresh_token'))
    return amber(
      'refresh',
      'grant_types_supported does not list "refresh_token"',
      `Enable refresh tokens. ${withoutRefresh}`,
    )
  const isOffline = metadata.scopes_supported?.includes('offline_access')
  const scope = isOffline ? '; most servers require the scope offline_access' : ''
  return green('refresh', `the metadata lists them${scope}`)
}

const withoutRefresh =
  'Without them, only a hidden iframe can renew the session, and browsers that block third-party cookies prevent that.'

function checkDPoP(facts: Facts): Row {
  const { metadata, clientId, tokenWithProof: answer, tokenWithWrongProof, dpop: isWanted } = facts
  const bad = isWanted ? red : amber
  const algorithms = metadata?.dpop_signing_alg_values_supported
  if (!algorithms)
    return isWanted
      ? red(
          'dpop',
          'the metadata has no dpop_signing_alg_values_supported: dpop() cannot work',
          'Enable DPoP at the server, or remove dpop().',
        )
      : grey('dpop', 'not supported by the server; do not use dpop()')
  if (!algorithms.includes('ES256'))
    return bad(
      'dpop',
      `the metadata lists ${algorithms.join(', ')}, not ES256`,
      'Allow ES256, or do not use dpop().',
    )
  const isNonceSent = isAnswer(answer) && answer.headers.has('dpop-nonce')
  const hidden = isNonceSent ? findHidden(answer, ['DPoP-Nonce', 'WWW-Authenticate']) : []
  if (hidden.length)
    return bad(
      'dpop',
      `ES256; the token endpoint does not expose ${hidden.join(' and ')}`,
      'Send Access-Control-Expose-Headers: DPoP-Nonce, WWW-Authenticate there, and at the APIs.',
    )
  if (isBound(facts) && !isWanted)
    return amber(
      'dpop',
      `the token endpoint requires a DPoP proof from ${clientId ?? 'every client'}`,
      'Set dpop: dpop() in createClient.',
    )
  if (isToldApart(answer, tokenWithWrongProof))
    return green('dpop', `ES256; ${isNonceSent ? 'nonces can be read' : 'the token endpoint sends no nonce'}`)
  const found = 'the metadata lists ES256; an invalid proof gets the same answer as a valid one'
  return isWanted
    ? amber('dpop', found, 'Log in once, and check that getTokenSet() returns tokenType "dpop".')
    : grey('dpop', clientId ? found : `the metadata lists ES256; not tried: ${addClient}`)
}

function checkPar(facts: Facts): Row {
  const { metadata, pages, clientId, pushed, nobody, par: isWanted } = facts
  const isRequired = metadata?.require_pushed_authorization_requests
  if (!metadata?.pushed_authorization_request_endpoint) {
    if (isRequired) return red('par', 'required, but the metadata has no endpoint', 'Correct the metadata.')
    return isWanted
      ? red(
          'par',
          'the metadata has no pushed_authorization_request_endpoint: par: true cannot work',
          'Enable PAR at the server, or remove par: true.',
        )
      : grey('par', 'not supported by the server; do not use par: true')
  }
  if (!clientId) return grey('par', `${isRequired ? 'required' : 'offered'}; not tried: ${addClient}`)
  const bad = isRequired || isWanted ? red : amber
  const leaveOut = isRequired ? '' : ' Or remove par: true.'
  if (isClientRefused(pushed))
    return bad(
      'par',
      `the endpoint does not accept ${clientId} without a secret`,
      `Have it accept public clients.${leaveOut}`,
    )
  if (pages?.login.pushed && !isRequired && !isWanted)
    return amber(
      'par',
      `required for ${clientId}, although the metadata does not say so`,
      'Set par: true in createClient.',
    )
  if (!readJson<{ request_uri: string }>(pushed)?.request_uri)
    return bad('par', `the endpoint answers ${sayAnswer(pushed)}`, `Fix the error it reports.${leaveOut}`)
  if (!isToldApart(pushed, nobody?.pushed)) return grey('par', `could not be determined: ${sameForNobody}`)
  if (isRequired) return green('par', 'required, and accepted')
  return green('par', isWanted ? 'offered, and accepted' : 'offered; par: true uses it')
}

/** Tells whether a page complains about the post-logout redirect URI. Some servers also name it if the ID token is missing. */
function isAboutReturn(page: string): boolean {
  return /post_?\s?logout/i.test(page) && !page.includes('id_token_hint')
}

function checkLogout({ metadata, pages, origin, clientId }: Facts): Row {
  if (!metadata?.end_session_endpoint)
    return amber(
      'logout',
      'no end_session_endpoint: the session at the server continues',
      'Enable RP-initiated logout, or tell your users: the next login may not ask for their password.',
    )
  const { logout, logoutElsewhere } = pages ?? {}
  if (!clientId || !logout || !logoutElsewhere)
    return grey('logout', `the metadata has an end_session_endpoint; not tried: ${addClient}`)
  const last = logout.steps.at(-1)
  const answer = logout.failure ?? `HTTP ${last?.status}`
  const isTaken = !logout.failure && (logout.returned !== undefined || (last?.status ?? 500) < 400)
  if (!isTaken)
    return isAboutReturn(last?.body ?? '')
      ? amber(
          'logout',
          `the end_session_endpoint refuses to return to ${origin}/ (${answer})`,
          `Register ${origin}/ as a post-logout redirect URI of ${clientId}, or pass another returnTo to logout().`,
        )
      : grey('logout', `not checked: without an ID token the end_session_endpoint answers ${answer}`)
  return endsApart(logout, logoutElsewhere)
    ? green('logout', `ends the session at the server, and can return to ${origin}/`)
    : grey('logout', 'could not be determined: an unregistered URI gets the same answer')
}
