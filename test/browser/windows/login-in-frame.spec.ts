import { createAuth } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { startServerSession } from '../../rig/server-session.js'

test.use({ asOptions: { webMessage: false } })

for (const redirectUri of ['/callback.html', '/'])
  for (const responseMode of ['fragment', 'query'] as const)
    test(`logs in by redirect within a frame, by ${responseMode} to ${redirectUri}`, async ({
      page,
      as,
      app,
    }) => {
      await startServerSession(page, as, app)
      const options = { redirectUri, responseMode }
      app.authAtLoad = options
      app.route('/portal.html', () => ({
        body: '<!doctype html><title>Portal</title><iframe src="/orders?a=1#part"></iframe>',
      }))
      await page.goto('/portal.html')
      // Hears what should not come here.
      await page.evaluate(() => {
        Object.assign(window, { heard: [] })
        addEventListener('message', ({ data }) =>
          (window as unknown as { heard: unknown[] }).heard.push(data),
        )
      })
      const find = () => page.frames().find((one) => one.url().endsWith('/orders?a=1#part'))
      await expect.poll(find).toBeDefined()
      const frame = find()!
      await frame.waitForFunction(() => window.auth as unknown)
      await frame.evaluate(() => void window.auth.login({ mode: 'redirect', appState: 7 }).catch(() => {}))
      await expect.poll(() => as.count('token')).toBe(1)
      const shown = () => frame.evaluate(() => window.auth.getState()).catch(() => undefined)
      await expect.poll(shown).toMatchObject({ status: 'logged-in', user: { sub: 'alice' }, appState: 7 })
      expect(frame.url()).toBe(`${app.origin}/orders?a=1#part`)
      expect(page.url()).toBe(`${app.origin}/portal.html`)
      expect(await page.evaluate(() => (window as unknown as { heard: unknown[] }).heard)).toEqual([])
      // Nothing of it stays, the code verifier least of all.
      expect(
        await frame.evaluate(() => Object.keys(sessionStorage).filter((key) => /^latchkey:/.test(key))),
      ).toEqual([])
      expect(as.count('authorize')).toBe(1)

      // The control: the answer to a frame of the app's own goes to the app.
      await createAuth(frame, options)
      const { status } = await frame.evaluate(() => window.auth.login({ mode: 'silent' }))
      expect(status).toBe('logged-in')
    })
