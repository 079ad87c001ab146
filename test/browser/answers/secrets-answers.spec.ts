import { clickLogin, outcome } from '../../rig/app-page.js'
import { tokenAnswerFaults, tokenEndpointFaults } from '../../rig/echoing-faults.js'
import { expect, test } from '../../rig/fixtures.js'
import { tokenOrCode } from '../../rig/log-in-twice.js'
import { logInExpired, refuseFrames } from '../../rig/secret-login.js'
import { createKeptAuth, expectMarked } from '../../rig/secret-search.js'
import { allKinds, searchAfterEach } from '../../rig/secret-walk.js'

for (const [kind, faults] of Object.entries(tokenEndpointFaults)) {
  test(`reveals no secret when the token endpoint responds to the code with ${kind}`, async ({
    page,
    as,
    app,
  }) => {
    await searchAfterEach({ page, as, app }, faults, 2, async (build, name) => {
      await createKeptAuth(page)
      if (name === 'no answer in time') {
        // What the client already knows about the server cannot be late.
        await page.evaluate(() => window.auth.prepare())
        await createKeptAuth(page, { timeouts: { request: 1500 } })
      }
      const fault = as.fault('token', build())
      await clickLogin(page)
      expect((await outcome(page)).error?.name).toBe('AuthError')
      expect(fault.hits).toBeGreaterThan(0)
      return fault.end
    })
  })
}

for (const [kind, faults] of Object.entries(tokenAnswerFaults)) {
  test(`reveals no secret when a login brings a wrong ${kind}`, async ({ page, as, app }) => {
    await searchAfterEach({ page, as, app }, faults, 4, async (spoil) => {
      await createKeptAuth(page)
      const stop = spoil(as)
      await clickLogin(page)
      expect((await outcome(page)).error?.name).toBe('AuthError')
      return stop
    })
  })
}

for (const [kind, faults] of Object.entries(tokenEndpointFaults)) {
  test(`reveals no secret when the token endpoint responds to a refresh with ${kind}`, async ({
    page,
    as,
    app,
  }) => {
    await searchAfterEach({ page, as, app }, faults, allKinds, async (build, name) => {
      await logInExpired(page, as)
      await page.reload()
      await createKeptAuth(page, name === 'no answer in time' ? { timeouts: { request: 1500 } } : {})
      const frames = refuseFrames(as)
      const fault = as.fault('token', build())
      expect(await tokenOrCode(page)).not.toBe('token')
      expect(fault.hits).toBeGreaterThan(0)
      return () => {
        fault.end()
        frames.end()
      }
    })
  })
}

for (const [kind, faults] of Object.entries(tokenAnswerFaults)) {
  test(`reveals no secret when a refresh brings a wrong ${kind}`, async ({ page, as, app }) => {
    await searchAfterEach({ page, as, app }, faults, allKinds + 2, async (spoil) => {
      const marked = await logInExpired(page, as)
      const refreshed = as.countEvents('grant.success', 'refresh_token')
      const frames = refuseFrames(as)
      const stop = spoil(as)
      expect(await tokenOrCode(page)).not.toBe('token')
      expect(as.countEvents('grant.success', 'refresh_token')).toBeGreaterThan(refreshed)
      expectMarked(as, 2, marked)
      return () => {
        stop()
        frames.end()
      }
    })
  })
}
