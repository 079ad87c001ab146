import type { AuthorizationServer } from 'oauth4webapi'
import { buildAuthorizationUrl } from '../protocol/authorization-url.js'
import { createProver, generateProofKey } from '../add-ons/dpop/prover.js'
import { isEndpoint } from '../protocol/server-call.js'
import { createRandomness } from '../protocol/transaction.js'
import { offersOpenId, type Facts, type Pages, type Question } from './facts.js'
import { walkPages, type PageWalk } from './page-walk.js'
import { isAnswer, readJson, type Outcome, type Probe } from './probe.js'

/** What stands where a secret would be. */
const nothing = 'latchkey-doctor'

/** Asks the server everything that a page could, without a login and without a secret. Never rejects. */
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

/** Where the metadata can be: OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3.1. */
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

async function askEndpoints(
  { clientId, redirectUri }: Question,
  metadata: AuthorizationServer,
  probe: Probe,
): Promise<Partial<Facts>> {
  const client: Record<string, string> = clientId ? { client_id: clientId } : {}
  const code = { grant_type: 'authorization_code', code: nothing, code_verifier: nothing.repeat(3) }
  const redeem = { ...client, ...code, redirect_uri: redirectUri }
  const algorithms = metadata.dpop_signing_alg_values_supported
  const at = <T>(endpoint: unknown, ask: (url: string) => Promise<T>) =>
    isEndpoint(endpoint) ? ask(endpoint as string) : undefined

  const asked = {
    jwks: at(metadata.jwks_uri, (url) => probe.send(url)),
    token: at(metadata.token_endpoint, (url) => probe.send(url, { form: redeem })),
    tokenWithProof:
      algorithms?.includes('ES256') &&
      at(metadata.token_endpoint, async (url) =>
        probe.send(url, { form: redeem, proof: await buildProof(url) }),
      ),
    tokenPreflight:
      algorithms && at(metadata.token_endpoint, (url) => probe.preflight(url, 'POST', ['dpop'])),
    userinfo: at(metadata.userinfo_endpoint, (url) =>
      probe.send(url, { authorization: `Bearer ${nothing}` }),
    ),
    userinfoPreflight: at(metadata.userinfo_endpoint, (url) =>
      probe.preflight(url, 'GET', ['authorization']),
    ),
    revocation: at(metadata.revocation_endpoint, (url) =>
      probe.send(url, { form: { ...client, token: nothing } }),
    ),
    pushed: at(metadata.pushed_authorization_request_endpoint, (url) =>
      probe.send(url, { form: { ...client, response_type: 'code', redirect_uri: redirectUri } }),
    ),
  }
  const outcomes = await Promise.all(Object.values(asked))
  const answered = Object.keys(asked).map((name, index) => [name, outcomes[index]] as const)
  return Object.fromEntries(answered.filter(([, outcome]) => outcome)) as Partial<Facts>
}

async function buildProof(url: string): Promise<string> {
  const prover = createProver(await generateProofKey())
  return prover.prove({ method: 'POST', url, accessToken: nothing })
}

async function openPages(
  question: Question & { clientId: string },
  metadata: AuthorizationServer,
  probe: Probe,
): Promise<Pages> {
  const open = (params: Record<string, string>) => authorize(question, metadata, params, probe)
  const hasMessage = metadata.response_modes_supported?.includes('web_message')
  const [silent, login, message] = await Promise.all([
    open({ prompt: 'none' }),
    open({}),
    hasMessage ? open({ prompt: 'none', responseMode: 'web_message' }) : undefined,
  ])
  return { silent, login, ...(message && { message }) }
}

async function authorize(
  { clientId, redirectUri }: Question & { clientId: string },
  metadata: AuthorizationServer,
  params: Record<string, string>,
  probe: Probe,
): Promise<PageWalk> {
  const { state, nonce, codeChallenge } = await createRandomness()
  const code = { responseType: 'code', codeChallenge, codeChallengeMethod: 'S256' }
  const openId = offersOpenId(metadata) && { scope: 'openid', nonce }
  const ours = { clientId, redirectUri, state, ...code, ...openId, ...params }
  const url = buildAuthorizationUrl(metadata, [], ours, [])
  const endpoint = metadata.pushed_authorization_request_endpoint
  if (!metadata.require_pushed_authorization_requests || !isEndpoint(endpoint)) {
    const walk = await walkPages(probe, url, redirectUri)
    if (!isEndpoint(endpoint) || !mustPush(walk)) return walk
  }
  const form = Object.fromEntries(new URL(url).searchParams)
  const pushed = await probe.send(endpoint!, { form })
  if (!isAnswer(pushed)) return { steps: [], failure: pushed.failure, pushed: true }
  const { request_uri: requestUri } = readJson<{ request_uri: string }>(pushed) ?? {}
  if (!requestUri) return { steps: [pushed], pushed: true }
  const short = buildAuthorizationUrl(metadata, [], { clientId, requestUri }, [])
  return { ...(await walkPages(probe, short, redirectUri)), pushed: true }
}

/** Some servers want of one client what their metadata does not say of all (RFC 9126 section 6): their answer has words for it. */
function mustPush({ returned, steps }: PageWalk): boolean {
  const last = steps.at(-1)
  return /\bpushed\b/i.test(
    returned?.get('error_description') ?? (last && last.status > 399 ? last.body : ''),
  )
}
