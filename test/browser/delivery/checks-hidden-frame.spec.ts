import { click, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { startServerSession } from '../../rig/server-session.js'
import { renewToken, startExpiredSession } from '../../rig/token-calls.js'

/** A response for nobody here is as good as none; what else can be wrong with one is in test/answers and `checks-wired`. */
const changes = {
  'another state': (params: URLSearchParams) => params.set('state', `i.${'s'.repeat(43)}`),
  'no state': (params: URLSearchParams) => params.delete('state'),
}

const timeouts = { iframe: 3000 }

test.use({ asOptions: { refreshTokens: false } })

for (const responseMode of ['web_message', 'fragment'] as const) {
  for (const [title, change] of Object.entries(changes)) {
    // A page of our own that has a code and no state in our own frame has all that will come: nobody waits for more.
    const code = title === 'no state' && responseMode === 'fragment' ? 'invalid_response' : 'frame_silent'
    test(`refuses a silent login by ${responseMode} with ${title}`, async ({ page, as, app }) => {
      await startServerSession(page, as, app)
      await openApp(page)
      await createAuth(page, { responseMode, timeouts })
      const stop = as.tamperAuthorizationResponse((params) => {
        change(params)
        return params
      })
      await click(page, () => window.auth.login({ mode: 'silent' }))
      expect((await outcome(page)).error).toMatchObject({ code })
      expect(as.countEvents('authorization.success')).toBe(1)
      expect(as.count('token')).toBe(0)
      expect(await state(page)).toEqual({ status: 'logged-out' })
      stop()
      await click(page, () => window.auth.login({ mode: 'silent' }))
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
      expect(as.count('token')).toBe(1)
    })

    test(`refuses a renewal in a frame by ${responseMode} with ${title}`, async ({ page, as, app }) => {
      await startExpiredSession(page, app, as, { responseMode, timeouts })
      const stop = as.tamperAuthorizationResponse((params) => {
        change(params)
        return params
      })
      expect((await renewToken(page)).error).toMatchObject({ code })
      expect(as.countEvents('authorization.success')).toBe(2)
      expect(as.count('token')).toBe(1)
      expect(await state(page)).toMatchObject({ status: 'logged-in' })
      stop()
      expect(as.secrets).toContain((await renewToken(page)).value)
      expect(as.count('token')).toBe(2)
    })
  }
}
