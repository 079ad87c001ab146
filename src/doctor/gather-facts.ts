import type { AuthorizationServer } from 'oauth4webapi'
import { isEndpoint } from '../protocol/secure-url.js'
import { askEndpoints } from './ask-endpoints.js'
import type { Facts, Question } from './facts.js'
import { openPages } from './open-pages.js'
import { isAnswer, readJson, type Outcome, type Probe } from './probe.js'

/** Sends the server all requests that a page could, without a login or a secret. Never rejects. */
export async function gatherFacts(question: Question, probe: Probe): Promise<Facts> {
  const [oidc, oauth2] = await Promise.all(findWellKnown(question.issuer).map((url) => probe.send(url)))
  const discovery = { oidc: oidc!, oauth2: oauth2! }
  const found = (['oidc', 'oauth2'] as const).find((kind) => readMetadata(discovery[kind]))
  if (!found) return { ...question, discovery }
  const metadata = readMetadata(discovery[found])!
  const [endpoints, pages] = await Promise.all([
    askEndpoints(question, metadata, probe),
    question.clientId && isEndpoint(metadata.authorization_endpoint)
      ? openPages({ ...question, clientId: question.clientId }, metadata, probe)
      : undefined,
  ])
  return { ...question, discovery, found, metadata, ...endpoints, ...(pages && { pages }) }
}

/** The well-known URLs of the metadata (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3.1). */
export function findWellKnown(issuer: string): [oidc: string, oauth2: string] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

function readMetadata(outcome: Outcome): AuthorizationServer | undefined {
  if (!isAnswer(outcome) || outcome.status !== 200) return undefined
  const json = readJson<AuthorizationServer>(outcome)
  return typeof json?.issuer === 'string' ? (json as AuthorizationServer) : undefined
}
