import { judgeAnswer, judgePreflight } from './cors.js'
import type { Facts } from './facts.js'
import { isAnswer, type Outcome } from './probe.js'
import { amber, green, grey, red, type CheckId, type Row } from './row.js'

/** Checks that the app's pages can read what the endpoints answer. */
export function checkCors(facts: Facts): Row[] {
  const { origin, clientId, metadata, discovery, found, token } = facts
  const allow = `Allow the origin ${origin} (CORS)`
  const forClient = clientId ? `${allow}, at the server or for the client ${clientId}.` : noClient
  // Many servers decide by the client, and that was not named.
  const bad = clientId ? red : amber
  const seen = clientId ? `${origin} may read it` : `${origin} may read it, when no client is named`
  const judge = (id: CheckId, outcome: Outcome | undefined, level: typeof red, more = '') => {
    if (!outcome) return none(id)
    const problem = judgeAnswer(outcome, origin)
    return problem ? level(id, problem, forClient + more) : green(id, seen)
  }
  const metadataProblem = found && judgeAnswer(discovery[found], origin)

  return [
    metadataProblem
      ? red('cors-discovery', metadataProblem, `${allow} at the metadata.`)
      : green('cors-discovery', `${origin} may read it`),
    checkKeys(facts, allow),
    judge('cors-token', token, bad),
    checkDPoP(facts, allow),
    checkUserinfo(facts, allow),
    judge('cors-revocation', facts.revocation, amber, ' Else a logout does not end the tokens.'),
    judge('cors-par', facts.pushed, metadata?.require_pushed_authorization_requests ? bad : amber),
  ]
}

const noClient = 'The server may decide by the client: run again with --client-id.'
const none = (id: CheckId) => grey(id, 'the server has no such endpoint')

function checkKeys({ jwks, origin }: Facts, allow: string): Row {
  if (!jwks) return none('cors-jwks')
  const problem = judgeAnswer(jwks, origin)
  if (problem) return red('cors-jwks', problem, `${allow} at jwks_uri.`)
  return isAnswer(jwks) && jwks.status === 200 && /"keys"\s*:/.test(jwks.body)
    ? green('cors-jwks', `${origin} may read it`)
    : red('cors-jwks', 'jwks_uri does not answer with keys', 'Mend the server.')
}

function checkDPoP({ tokenPreflight, origin }: Facts, allow: string): Row {
  if (!tokenPreflight) return grey('cors-dpop', 'the server has no DPoP')
  const problem = judgePreflight(tokenPreflight, origin, 'POST', ['dpop'])
  return problem
    ? amber('cors-dpop', problem, `${allow} to send the header DPoP to the token endpoint.`)
    : green('cors-dpop', `${origin} may send proofs`)
}

function checkUserinfo({ userinfo, userinfoPreflight, origin }: Facts, allow: string): Row {
  if (!userinfo || !userinfoPreflight) return none('cors-userinfo')
  const problem =
    judgePreflight(userinfoPreflight, origin, 'GET', ['authorization']) ?? judgeAnswer(userinfo, origin)
  return problem
    ? amber('cors-userinfo', problem, `${allow} with the header Authorization; getUserInfo needs it.`)
    : green('cors-userinfo', `${origin} may read it`)
}
