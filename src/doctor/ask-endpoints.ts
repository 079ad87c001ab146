import type { AuthorizationServer } from 'oauth4webapi'
import { createProver, generateProofKey } from '../add-ons/dpop/prover.js'
import { isEndpoint } from '../protocol/secure-url.js'
import { buildRequest, nobody, nothing } from './authorization-request.js'
import type { ClientFacts, Facts, Question } from './facts.js'
import { isAnswer, type Outcome, type Probe } from './probe.js'
import { readError } from './told-apart.js'

/** Calls the endpoints that a page calls. */
export async function askEndpoints(
  question: Question,
  metadata: AuthorizationServer,
  probe: Probe,
): Promise<Partial<Facts>> {
  const { clientId } = question
  const { token_endpoint, userinfo_endpoint } = metadata
  const hasProofs = metadata.dpop_signing_alg_values_supported?.includes('ES256')
  const [ofClient, ofNobody, others] = await Promise.all([
    askForClient(question, clientId, metadata, probe),
    clientId ? askForClient(question, nobody, metadata, probe) : undefined,
    collect({
      jwks: at(metadata.jwks_uri, (url) => probe.send(url)),
      tokenWithWrongProof:
        hasProofs &&
        at(token_endpoint, (url) =>
          probe.send(url, { form: buildRedemption(question, clientId), proof: nothing }),
        ),
      tokenPreflight:
        metadata.dpop_signing_alg_values_supported &&
        at(token_endpoint, (url) => probe.preflight(url, 'POST', ['dpop'])),
      refresh:
        clientId &&
        at(token_endpoint, (url) =>
          probe.send(url, {
            form: { client_id: clientId, grant_type: 'refresh_token', refresh_token: nothing },
          }),
        ),
      userinfo: at(userinfo_endpoint, (url) => probe.send(url, { authorization: `Bearer ${nothing}` })),
      userinfoPreflight: at(userinfo_endpoint, (url) => probe.preflight(url, 'GET', ['authorization'])),
    }),
  ])
  return { ...others, ...ofClient, ...(ofNobody && { nobody: ofNobody }) }
}

async function askForClient(
  question: Question,
  clientId: string | undefined,
  metadata: AuthorizationServer,
  probe: Probe,
): Promise<ClientFacts> {
  const { token_endpoint, revocation_endpoint, pushed_authorization_request_endpoint } = metadata
  const form = buildRedemption(question, clientId)
  const hasProofs = metadata.dpop_signing_alg_values_supported?.includes('ES256')
  const answered = await collect({
    token: at(token_endpoint, (url) => probe.send(url, { form })),
    tokenWithProof:
      hasProofs && at(token_endpoint, async (url) => probe.send(url, { form, proof: await buildProof(url) })),
    revocation: at(revocation_endpoint, (url) =>
      probe.send(url, { form: { ...(clientId && { client_id: clientId }), token: nothing } }),
    ),
    pushed: at(pushed_authorization_request_endpoint, async (url) => {
      const request = await buildRequest(metadata, clientId, question.redirectUri, {})
      return probe.send(url, { form: Object.fromEntries(new URL(request).searchParams) })
    }),
  })
  const { tokenWithProof } = answered
  const nonce = isAnswer(tokenWithProof) && tokenWithProof.headers.get('dpop-nonce')
  if (!nonce || readError(tokenWithProof).error !== 'use_dpop_nonce') return answered
  const proof = await buildProof(token_endpoint!, nonce)
  return { ...answered, tokenWithNonce: await probe.send(token_endpoint!, { form, proof }) }
}

function buildRedemption({ redirectUri }: Question, clientId: string | undefined): Record<string, string> {
  return {
    ...(clientId && { client_id: clientId }),
    grant_type: 'authorization_code',
    code: nothing,
    code_verifier: nothing.repeat(3),
    redirect_uri: redirectUri,
  }
}

function at<T>(endpoint: string | undefined, ask: (url: string) => Promise<T>): Promise<T> | undefined {
  return endpoint && isEndpoint(endpoint) ? ask(endpoint) : undefined
}

/** Waits for all requests, and leaves out those that were not made. */
async function collect<Name extends string>(
  asked: Record<Name, Promise<Outcome> | false | '' | undefined>,
): Promise<Partial<Record<Name, Outcome>>> {
  const answered: Partial<Record<Name, Outcome>> = {}
  for (const name of Object.keys(asked) as Name[]) {
    const outcome: Outcome | false | '' | undefined = await asked[name]
    if (outcome) answered[name] = outcome
  }
  return answered
}

async function buildProof(url: string, nonce?: string): Promise<string> {
  const prover = createProver(await generateProofKey())
  return prover.prove({ method: 'POST', url, accessToken: nothing, ...(nonce && { nonce }) })
}
