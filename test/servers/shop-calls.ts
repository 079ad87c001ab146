import type { Page } from '@playwright/test'
import * as oauth from 'oauth4webapi'
import type { Call } from '../../demo/services/call.js'
import { buildClientAuthentication } from '../../demo/services/client-authentication.js'
import { createServerFinder } from '../../demo/services/find-server.js'
import type { ServiceCredentials } from '../../demo/services/service-client.js'
import type { Refused } from './real-server.js'
import { expect } from './fixtures.js'

/** A refusal of the token endpoint. */
export interface Refusal {
  status: number
  error: string
  error_description?: string
}

/** Reads the refusal that a call ends with; throws if it succeeds, or fails in another way. */
export async function readRefusal(call: Promise<unknown>): Promise<Refusal> {
  const failure = await call.then(
    () => new Error('the server did not refuse'),
    (error: unknown) => error,
  )
  if (failure instanceof oauth.ResponseBodyError) {
    const { status, error, error_description } = failure
    return { status, error, ...(error_description !== undefined && { error_description }) }
  }
  // A challenge comes in the place of the body (RFC 6749 section 5.2).
  if (failure instanceof oauth.WWWAuthenticateChallengeError) {
    const { error = '', error_description } = failure.cause[0]?.parameters ?? {}
    return { status: failure.status, error, ...(error_description !== undefined && { error_description }) }
  }
  throw failure
}

/** Expects that a call ends as the server is known for, and notes how. */
export async function expectOutcome(
  call: Promise<unknown>,
  expected: Refused | { granted: string },
  note: (text: string) => void,
): Promise<void> {
  if ('granted' in expected) {
    await call
    return note(`granted: ${expected.granted}`)
  }
  const refusal = await readRefusal(call)
  const { error_description: description = '' } = refusal
  expect(refusal).toMatchObject({ error: expected.error })
  if (expected.description) expect(description).toMatch(expected.description)
  note(`\`${refusal.error}\`${description && `: ${description}`}`)
}

/** Calls an API with the client's `fetch` in the page, and returns the calls that it reports. */
export async function callApi(page: Page, url: string): Promise<Call[]> {
  const { status, body } = await call(page, url)
  expect([status, body]).toEqual([200, expect.anything()])
  return body.calls
}

/** The same for an API that fails; returns the HTTP status. */
export async function callStatus(page: Page, url: string): Promise<number> {
  return (await call(page, url)).status
}

function call(page: Page, url: string): Promise<{ status: number; body: { calls: Call[] } }> {
  return page.evaluate(async (target) => {
    const response = await window.auth.fetch(target)
    return { status: response.status, body: await response.json() }
  }, url)
}

/** Asks as a service whether a token is active (RFC 7662). */
export async function isActive(credentials: ServiceCredentials, token: string): Promise<boolean> {
  const { metadata, client, authentication, options } = await prepare(credentials)
  const response = await oauth.introspectionRequest(metadata, client, authentication, token, options)
  return (await oauth.processIntrospectionResponse(metadata, client, response)).active
}

/** Revokes a token as the service that it was issued to (RFC 7009). */
export async function revoke(credentials: ServiceCredentials, token: string): Promise<void> {
  const { metadata, client, authentication, options } = await prepare(credentials)
  const additionalParameters = { token_type_hint: 'access_token' }
  const response = await oauth.revocationRequest(metadata, client, authentication, token, {
    ...options,
    additionalParameters,
  })
  await oauth.processRevocationResponse(response)
}

async function prepare(credentials: ServiceCredentials) {
  const { find, options } = createServerFinder(credentials.issuer)
  const authentication = buildClientAuthentication(credentials)
  return { metadata: await find(), client: { client_id: credentials.clientId }, authentication, options }
}

/** Lists the scope of a token; some servers write a list. */
export function listScope({ scope = '' }: Record<string, unknown>): string[] {
  return [scope].flat().join(' ').split(' ').filter(Boolean)
}

/** Says what the token of a hop contains; the subject of all hops is the same user. */
export function describeHop({ to, presented }: Call): string {
  const { client, audience, scope, actors } = presented
  const act = actors.length ? `, act \`${actors.join(' ')}\`` : ''
  return `to ${to}: client \`${client}\`, aud \`${audience}\`, scope \`${scope}\`${act}`
}
