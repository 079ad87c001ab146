import type { IncomingMessage } from 'node:http'
import type { Refusal } from './access.js'
import type { Refusals } from './refusals.js'

/** The access token of a request. */
export interface BroughtToken {
  scheme: 'bearer' | 'dpop'
  token: string
  /** The DPoP proof, if the request has one (RFC 9449 section 7.1). */
  proof: string | undefined
}

/** Reads the access token of a request (RFC 6750 section 2.1), or returns a refusal. */
export function readToken({ headers }: IncomingMessage, refusals: Refusals): BroughtToken | Refusal {
  const { authorization = '', dpop } = headers
  if (!/^(Bearer|DPoP)(?: |$)/i.test(authorization)) return refusals.noToken
  const [, scheme, token] = /^(Bearer|DPoP) +([\w.~+/-]+=*)$/i.exec(authorization) ?? []
  if (!scheme || !token) return refusals.malformed
  return {
    scheme: scheme.toLowerCase() as BroughtToken['scheme'],
    token,
    proof: dpop === undefined ? undefined : `${dpop}`,
  }
}
