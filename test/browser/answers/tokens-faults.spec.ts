import { events, state, type PlainError } from '../../rig/app-page.js'
import { watchDisturbances } from '../../rig/disturbances.js'
import type { FaultOptions } from '../../rig/faults.js'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { getToken, startAgingSession, startExpiredSession } from '../../rig/token-calls.js'

// test/answers/token-faults.test.ts tests what each answer means. This file tests what the page does after each kind of answer.

interface Case {
  fault: FaultOptions
  error: Partial<PlainError>
}

/** The authorization server itself said that it did not process the request. */
const unprocessed: Case = {
  fault: { status: 503, body: { error: 'temporarily_unavailable' } },
  error: { code: 'temporarily_unavailable', status: 503 },
}

/** The server may have processed the request. A cut connection looks different in Node, so this runs in a browser. */
const unknown: Record<string, Case> = {
  'a 500': { fault: { status: 500, body: 'broken' }, error: { code: 'server_error', status: 500 } },
  'a cut connection': { fault: { cut: true }, error: { code: 'network_error' } },
  'a connection that is cut in the body': { fault: { cut: 'body' }, error: {} },
  // Cut once it is let go, so that the server never gets to see it.
  'no answer in time': { fault: { hang: true, cut: true }, error: { code: 'timeout' } },
}

const timeouts = { request: 3000 }

test('keeps a token that is still valid, and the session, when a refresh is answered with a 500', async ({
  page,
  app,
  as,
}) => {
  const { fault, error } = unknown['a 500']!
  await startAgingSession(page, app, as, { timeouts })
  const { value: aging } = await getToken(page, { minValidity: 0 })
  const broken = as.fault('token', { ...fault, when: isRefresh })
  expect((await getToken(page)).value).toBe(aging)
  expect(broken.hits).toBe(1)
  expect(as.count('authorize')).toBe(1)
  expect(await events(page)).toContainEqual({
    type: 'renewal_failed',
    error: expect.objectContaining({ name: 'AuthError', retryable: true, ...error }),
  })
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
})

for (const [name, { fault, error }] of Object.entries({ 'a 503 with JSON': unprocessed, ...unknown })) {
  test(`rejects with a retryable error when a refresh is answered by ${name}, and recovers with the same refresh token`, async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as, { timeouts })
    // No iframe can help.
    await page.context().clearCookies()
    const seen = watchDisturbances(page)
    const broken = as.fault('token', { ...fault, when: isRefresh })
    const { error: rejected } = await getToken(page)
    expect(rejected).toMatchObject({ name: 'AuthError', retryable: true, ...error })
    expect(await state(page)).toMatchObject({ status: 'logged-in' })
    // That these would show is held in tokens-renewal.
    expect(seen).toEqual([])
    broken.end()
    await expect.poll(async () => (await getToken(page)).value).toBeTruthy()
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
    expect(as.countEvents('grant.error', 'refresh_token')).toBe(0)
    expect(await state(page)).toMatchObject({ status: 'logged-in' })
  })
}

test('sends the refresh token again, after a pause, when the server did not process it', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  as.fault('token', { ...unprocessed.fault, times: 1, when: isRefresh })
  expect(as.secrets).toContain((await getToken(page)).value)
  const sent = as.requests.filter(isRefresh)
  expect(sent).toHaveLength(2)
  expect(sent[1]!.params['refresh_token']).toBe(sent[0]!.params['refresh_token'])
  expect(sent[1]!.at - sent[0]!.at).toBeGreaterThanOrEqual(400)
  expect(as.count('authorize')).toBe(1)
})

test('honours Retry-After when the server did not process a refresh', async ({ page, app, as }) => {
  await startExpiredSession(page, app, as)
  as.fault('token', { status: 429, body: 'slow down', retryAfter: 2, times: 1, when: isRefresh })
  expect(as.secrets).toContain((await getToken(page)).value)
  const sent = as.requests.filter(isRefresh)
  expect(sent).toHaveLength(2)
  expect(sent[1]!.at - sent[0]!.at).toBeGreaterThanOrEqual(1900)
})

test('does not wait for a long Retry-After, and sends nothing before it has passed', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  as.fault('token', { ...unprocessed.fault, retryAfter: 3600, when: isRefresh })
  for (let call = 0; call < 3; call++) {
    expect((await getToken(page)).error).toMatchObject({ retryable: true, retryAfter: 3600 })
  }
  expect(as.count('token', isRefresh)).toBe(1)
  expect(as.count('authorize')).toBe(1)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
})

for (const [name, { fault }] of Object.entries(unknown)) {
  test(`tries the iframe before it sends the refresh token again, when it was answered by ${name}`, async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as, { timeouts })
    // The server has rotated: the old refresh token would end the session.
    const broken = as.fault('token', { ...fault, afterProcessing: true, times: 1, when: isRefresh })
    expect(as.secrets).toContain((await getToken(page)).value)
    expect(broken.hits).toBe(1)
    expect(as.count('authorize', isSilent)).toBe(1)
    expect(as.count('token', isRefresh)).toBe(1)
    expect(as.countEvents('grant.error')).toBe(0)
    expect(await state(page)).toMatchObject({ status: 'logged-in' })
    broken.end()
  })
}
