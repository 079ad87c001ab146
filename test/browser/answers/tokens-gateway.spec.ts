import { state } from '../../rig/app-page.js'
import type { FaultOptions } from '../../rig/faults.js'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { getToken, renewToken, startExpiredSession } from '../../rig/token-calls.js'

/** What a gateway answers on its own account, also when the server behind it has processed the request. */
const ofGateways: Record<string, FaultOptions> = {
  'a bare 503': { status: 503 },
  'a bare 429': { status: 429 },
  'a bare 502': { status: 502 },
  'a bare 504': { status: 504 },
  'a 503 with an error in prose': { status: 503, body: { status: 503, error: 'Service Unavailable' } },
}

for (const [name, answer] of Object.entries(ofGateways)) {
  test(`tries the iframe, and never sends the refresh token again, after ${name} to a refresh that was processed`, async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as)
    as.fault('token', { ...answer, afterProcessing: true, times: 1, when: isRefresh })
    expect(as.secrets).toContain((await getToken(page)).value)
    expect([as.count('token', isRefresh), as.count('authorize', isSilent)]).toEqual([1, 1])
    // The session goes on with the refresh token of the new grant.
    expect((await renewToken(page)).value).toBeTruthy()
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)
    expect(as.countEvents('grant.error')).toBe(0)
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  })
}

for (const processed of [true, false])
  test(`sends the refresh token once in a call after a bare 503 where no iframe can help; the next call finds out that it was ${processed ? '' : 'not '}used`, async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as)
    await page.context().clearCookies()
    const fault = as.fault('token', {
      status: 503,
      times: 1,
      when: isRefresh,
      ...(processed && { afterProcessing: true }),
    })
    const { error } = await getToken(page)
    expect(error).toMatchObject({ code: 'temporarily_unavailable', status: 503, retryable: true })
    expect([fault.hits, as.count('token', isRefresh)]).toEqual([1, 1])
    expect(as.countEvents('grant.error')).toBe(0)
    expect(await state(page)).toMatchObject({ status: 'logged-in' })

    const next = await getToken(page)
    expect(as.count('token', isRefresh)).toBe(2)
    expect(as.countEvents('grant.error', 'refresh_token')).toBe(processed ? 1 : 0)
    if (processed) expect(next.error).toMatchObject({ code: 'session_lost' })
    else expect(as.secrets).toContain(next.value)
  })

/** What only the authorization server says, or whoever answers for it with a time to come back at. */
const ofServers: Record<string, FaultOptions> = {
  '503 temporarily_unavailable': { status: 503, body: { error: 'temporarily_unavailable' } },
  '429 slow_down': { status: 429, body: { error: 'slow_down' } },
  '400 temporarily_unavailable': { error: 'temporarily_unavailable' },
  'a 503 with Retry-After': { status: 503, retryAfter: 1 },
  'a 429 with Retry-After': { status: 429, retryAfter: 1 },
}

for (const [name, answer] of Object.entries(ofServers))
  test(`sends the refresh token again after ${name}, without the iframe`, async ({ page, app, as }) => {
    await startExpiredSession(page, app, as)
    const fault = as.fault('token', { ...answer, times: 1, when: isRefresh })
    const { value } = await getToken(page)
    expect(as.secrets).toContain(value)
    expect([fault.hits, as.count('token', isRefresh), as.count('authorize', isSilent)]).toEqual([1, 2, 0])
    // A page that finds the session in the store has no doubt either.
    const later = as.fault('token', { ...answer, retryAfter: 60, when: isRefresh })
    expect((await renewToken(page)).value).toBe(value)
    expect(later.hits).toBe(1)
    later.end()
    await page.reload()
    expect((await renewToken(page)).value).toBeTruthy()
    expect(as.count('authorize', isSilent)).toBe(0)
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)
    expect(as.countEvents('grant.error')).toBe(0)
  })
