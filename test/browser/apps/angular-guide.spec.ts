import { angularClis, makeAngularApp } from '../../rig/angular-app.js'
import { expect, test } from '../../rig/fixtures.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

const all = Object.keys(angularClis) as (keyof typeof angularClis)[]
// Each installs some hundred packages. The guide is the same for both, so a usual run follows it with the current one only.
const followed = process.env['EVERY_ENGINE'] ? all : all.slice(0, 1)

for (const framework of followed)
  test(`an app of ${framework} built from docs/angular.md logs in, calls its API behind a guard, and logs out`, async ({
    page,
    as,
    app: api,
  }) => {
    // npm downloads what the template needs.
    test.setTimeout(400_000)
    const { issuer, clientId } = as
    api.route('/api/orders', ({ headers }) =>
      headers.authorization
        ? { body: { orders: [{ id: '1', status: 'sent' }] } }
        : { status: 401, body: { error: 'no token' } },
    )
    const made = makeAngularApp({ framework, issuer, clientId, ordersUrl: `${api.origin}/api` })
    try {
      const errors: string[] = []
      page.on('pageerror', ({ message }) => errors.push(message))
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
      const origin = await made.serve()
      as.appOrigins.push(origin)
      await page.goto(origin)
      const popup = await popupOf(page, () => page.getByRole('button', { name: 'Log in' }).click())
      await signIn(popup)
      await expect(page.getByRole('status')).toHaveText('Logged in as Alice')
      await page.getByRole('link', { name: 'Orders' }).click()
      await expect(page.getByRole('list', { name: 'Orders' })).toHaveText('1 sent')
      const back = page.waitForEvent('framenavigated', (frame) => frame.url() === `${origin}/`)
      await page.getByRole('button', { name: 'Log out' }).click()
      await back
      await expect(page.getByRole('status')).toHaveText('Nobody is logged in')
      expect(as.count('end_session')).toBe(1)

      // The guard: by redirect, and back to the page that was asked for.
      await page.goto(`${origin}/orders`)
      await signIn(page)
      await expect(page.getByRole('list', { name: 'Orders' })).toHaveText('1 sent')
      expect(page.url()).toBe(`${origin}/orders`)
      expect(errors).toEqual([])
    } finally {
      made.close()
    }
  })
