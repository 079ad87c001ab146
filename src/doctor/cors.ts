import { isAnswer, type Outcome } from './probe.js'

/** Says why a browser blocks a response from a page of `origin`; undefined if it does not. */
export function judgeAnswer(outcome: Outcome, origin: string): string | undefined {
  if (!isAnswer(outcome)) return outcome.failure
  if (outcome.status >= 300 && outcome.status < 400)
    return `answers with a redirect (${outcome.status}), which is not followed`
  const allowed = outcome.headers.get('access-control-allow-origin')
  if (allowed === '*' || allowed === origin) return undefined
  const answer = `answers ${outcome.status} with`
  return allowed === null
    ? `${answer}out Access-Control-Allow-Origin`
    : `${answer} Access-Control-Allow-Origin: ${allowed}, which is not ${origin}`
}

/** Says why a browser does not send a request after this preflight response; undefined if it does. */
export function judgePreflight(
  outcome: Outcome,
  origin: string,
  method: string,
  headers: string[],
): string | undefined {
  const refused = judgeAnswer(outcome, origin)
  if (refused || !isAnswer(outcome)) return `the preflight (OPTIONS) fails: ${refused}`
  if (outcome.status > 299) return `the preflight (OPTIONS) answers ${outcome.status}`
  const listed = (name: string) => (outcome.headers.get(name) ?? '').toLowerCase().split(/\s*,\s*/)
  const methods = listed('access-control-allow-methods')
  // These are always allowed (Fetch, CORS-safelisted methods).
  const isSafe = /^(GET|HEAD|POST)$/.test(method)
  if (!isSafe && !methods.includes('*') && !methods.includes(method.toLowerCase()))
    return `the preflight (OPTIONS) does not allow the method ${method}`
  const names = listed('access-control-allow-headers')
  // A wildcard covers every header except Authorization.
  const missing = headers.find(
    (name) => !names.includes(name) && (name === 'authorization' || !names.includes('*')),
  )
  return missing && `the preflight (OPTIONS) does not allow the header ${missing}`
}

/** Lists the headers of `names` that scripts cannot read in this response. */
export function findHidden(outcome: Outcome | undefined, names: string[]): string[] {
  if (!isAnswer(outcome)) return names
  const exposed = (outcome.headers.get('access-control-expose-headers') ?? '').toLowerCase().split(/\s*,\s*/)
  return exposed.includes('*') ? [] : names.filter((name) => !exposed.includes(name.toLowerCase()))
}
