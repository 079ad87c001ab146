import { makeDocumentApp } from '../../rig/document-app.js'
import { expect, test } from '../../rig/fixtures.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

for (const guide of ['react', 'vue', 'svelte', 'solid', 'vanilla'] as const) {
  test(`an app built from docs/${guide}.md logs in, calls its API and logs out, in development and production`, async ({
    page,
    as,
    app: api,
    browserName,
  }) => {
    test.skip(
      browserName !== 'chromium',
      'npm installs the same files; demo-quick-starts.spec covers both engines',
    )
    // npm downloads what the template needs.
    test.setTimeout(240_000)
    const { issuer, clientId } = as
    api.route('/api/orders', () => ({ body: { orders: [{ id: '1', status: 'sent' }] } }))
    const made = await makeDocumentApp({
      document: `docs/${guide}.md`,
      template: `${guide}-ts`,
      issuer,
      clientId,
      ordersUrl: `${api.origin}/api`,
    })
    try {
      const errors: string[] = []
      page.on('pageerror', ({ message }) => errors.push(message))
      for (const kind of ['development', 'preview'] as const) {
        const origin = await made.serve(kind)
        as.appOrigins.push(origin)
        // Then at a server that gives the name at its userinfo endpoint alone (OpenID Connect Core section 5.4).
        if (kind === 'preview')
          as.tamperIdToken(({ name: _, ...claims }) => ({
            claims: { ...claims, email: 'alice@example.com' },
          }))
        await page.goto(origin)
        const popup = await popupOf(page, () => page.getByRole('button', { name: 'Log in' }).click())
        await signIn(popup)
        const shown = kind === 'preview' ? 'alice@example.com' : 'Alice'
        await expect(page.getByRole('status')).toHaveText(`Logged in as ${shown}`)
        await page.getByRole('button', { name: 'Call API' }).click()
        await expect(page.getByRole('list', { name: 'Orders' })).toHaveText('1 sent')
        const back = page.waitForEvent('framenavigated', (frame) => frame.url() === `${origin}/`)
        await page.getByRole('button', { name: 'Log out' }).click()
        await back
        expect(as.count('end_session')).toBe(kind === 'preview' ? 2 : 1)
        await expect(page.getByRole('status')).toHaveText('Nobody is logged in')
      }
      expect(errors).toEqual([])
    } finally {
      await made.close()
    }
  })
}
