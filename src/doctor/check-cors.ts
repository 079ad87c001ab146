import { findHidden, judgeAnswer, judgePreflight } from './cors.js'
import type { Facts } from './facts.js'
import { isAnswer, readJson, type Outcome } from './probe.js'
import { amber, green, grey, red, type CheckId, type Row } from './row.js'
import { isClientRefused, isToldApart, sayAnswer } from './told-apart.js'

/** Checks that the pages of the app can read the responses of the endpoints. */
export function checkCors(facts: Facts): Row[] {
  const { origin, clientId, metadata, discovery, found, token, pushed, par } = facts
  const allow = `Allow the origin ${origin} (CORS)`
  const forClient = clientId ? `${allow}, at the server or for the client ${clientId}.` : noClient
  // Many servers allow origins per client, and no client was given.
  const bad = clientId ? red : amber
  const seen = clientId ? `${origin} can read it` : `${origin} can read it, without a client ID`
  const judge = (id: CheckId, outcome: Outcome | undefined, level: typeof red, more = '') => {
    if (!outcome) return none(id)
    const problem = judgeAnswer(outcome, origin)
    if (problem) return level(id, problem, forClient + more)
    const missing = judgePresence(outcome)
    return missing ? level(id, missing, 'Fix the server, or the metadata.') : green(id, seen)
  }
  const metadataProblem = found && judgeAnswer(discovery[found], origin)

  return [
    metadataProblem
      ? red('cors-discovery', metadataProblem, `${allow} at the metadata.`)
      : green('cors-discovery', `${origin} can read it`),
    checkKeys(facts, allow),
    judge('cors-token', token, bad),
    checkDPoP(facts, allow),
    checkUserinfo(facts, allow),
    checkRevocation(facts, judge('cors-revocation', facts.revocation, amber, ` ${withoutRevocation}`)),
    judge('cors-par', pushed, metadata?.require_pushed_authorization_requests || par ? bad : amber),
  ]
}

/** Says that an endpoint does not exist: CORS allows a 404 to be read like any other response. */
function judgePresence(outcome: Outcome): string | undefined {
  if (!isAnswer(outcome)) return undefined
  const isMissing = outcome.status === 404 || outcome.status === 405 || outcome.status > 499
  return isMissing ? `a POST is answered with HTTP ${outcome.status}` : undefined
}

const withoutRevocation = 'Without it, a logout does not revoke the tokens.'

/** A client without a secret may revoke its own tokens, and an unknown token is not an error (RFC 7009 sections 2.1, 2.2). */
function checkRevocation({ clientId, revocation, nobody, origin }: Facts, byCors: Row): Row {
  if (byCors.level !== 'green' || !clientId || !isAnswer(revocation)) return byCors
  const { status } = revocation
  if (isClientRefused(revocation))
    return amber(
      'cors-revocation',
      `the endpoint does not accept ${clientId} without a secret (HTTP ${status})`,
      `Have it accept public clients (RFC 7009 section 2.1). ${withoutRevocation}`,
    )
  if (status > 299)
    return amber(
      'cors-revocation',
      `an unknown token is answered with ${sayAnswer(revocation)}`,
      `It must be answered with 200 (RFC 7009 section 2.2). ${withoutRevocation}`,
    )
  return isToldApart(revocation, nobody?.revocation)
    ? green('cors-revocation', `${origin} can read it, and needs no secret`)
    : grey('cors-revocation', `${origin} can read it; an unregistered client ID gets the same answer`)
}

const noClient = 'The server may allow origins per client: run again with --client-id.'
const none = (id: CheckId) => grey(id, 'the server has no such endpoint')

function checkKeys({ jwks, origin }: Facts, allow: string): Row {
  if (!jwks) return none('cors-jwks')
  const problem = judgeAnswer(jwks, origin)
  if (problem) return red('cors-jwks', problem, `${allow} at jwks_uri.`)
  const keys = isAnswer(jwks) && jwks.status === 200 ? readJson<{ keys: unknown[] }>(jwks)?.keys : undefined
  return Array.isArray(keys) && keys.length > 0
    ? green('cors-jwks', `${origin} can read it`)
    : red('cors-jwks', 'jwks_uri does not return any keys', 'Fix the server.')
}

function checkDPoP({ tokenPreflight, origin }: Facts, allow: string): Row {
  if (!tokenPreflight) return grey('cors-dpop', 'the server does not support DPoP')
  const problem = judgePreflight(tokenPreflight, origin, 'POST', ['dpop'])
  return problem
    ? amber('cors-dpop', problem, `${allow} to send the header DPoP to the token endpoint.`)
    : green('cors-dpop', `${origin} can send proofs`)
}

function checkUserinfo({ userinfo, userinfoPreflight, origin }: Facts, allow: string): Row {
  if (!userinfo || !userinfoPreflight) return none('cors-userinfo')
  const problem =
    judgePreflight(userinfoPreflight, origin, 'GET', ['authorization']) ?? judgeAnswer(userinfo, origin)
  if (problem || !isAnswer(userinfo))
    return amber(
      'cors-userinfo',
      problem ?? sayAnswer(userinfo),
      `${allow} with the header Authorization; getUserInfo needs it.`,
    )
  if (userinfo.status !== 401)
    return amber(
      'cors-userinfo',
      `an unknown token is answered with ${sayAnswer(userinfo)}`,
      'Reject it with 401 and WWW-Authenticate: Bearer error="invalid_token" (RFC 6750 section 3.1).',
    )
  if (!userinfo.headers.has('www-authenticate'))
    return amber(
      'cors-userinfo',
      'a rejected token is answered with 401, but without WWW-Authenticate',
      'Send WWW-Authenticate: Bearer error="invalid_token" there (RFC 6750 section 3).',
    )
  return findHidden(userinfo, ['WWW-Authenticate']).length
    ? amber(
        'cors-userinfo',
        'the endpoint does not expose WWW-Authenticate, which says why a token was rejected',
        'Send Access-Control-Expose-Headers: WWW-Authenticate there.',
      )
    : green('cors-userinfo', `${origin} can read it, and why a token is rejected`)
}
