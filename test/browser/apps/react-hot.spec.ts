import { expect, test } from '../../rig/framework-page.js'
import { startHotApp } from '../../rig/hot-app.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

const resource = 'https://orders.example.com'
test.use({ asOptions: { resources: { [resource]: { scope: 'orders:read' } } } })

test('keeps its client and sends no requests when a hot reload updates a component', async ({ page, as }) => {
  const hot = await startHotApp('react', {
    VITE_ISSUER: as.issuer,
    VITE_CLIENT_ID: as.clientId,
    VITE_SCOPE: 'openid profile orders:read',
    VITE_RESOURCE: resource,
    VITE_ORDERS_URL: 'http://localhost:1',
  })
  try {
    as.appOrigins.push(hot.origin)
    const loads: string[] = []
    page.on('load', () => loads.push(page.url()))
    await page.goto(hot.origin)
    const button = page.getByRole('button', { name: 'Log in' })
    // The first look at the dependencies takes Vite its time.
    await expect(button).toBeVisible({ timeout: 20_000 })
    await signIn(await popupOf(page, () => button.click()))
    await expect(page.getByRole('status')).toHaveText('Logged in as Alice')
    const { length } = as.requests
    await page.evaluate(() => Object.assign(window, { kept: true }))

    hot.edit('src/App.tsx', 'Logged in as ', 'Welcome, ')
    await expect(page.getByRole('status')).toHaveText('Welcome, Alice')
    // The same page with the same client: it was not loaded again, and asked the server for nothing.
    expect(await page.evaluate('kept')).toBe(true)
    expect(loads).toHaveLength(1)
    expect(as.requests).toHaveLength(length)
    expect(as.count('token')).toBe(1)

    // The control: where the module that makes the client is edited, Vite loads the page again.
    hot.edit('src/main.tsx', 'createRoot(document', '\ncreateRoot(document')
    await expect.poll(() => loads.length).toBe(2)
    await expect(page.getByRole('status')).toHaveText('Welcome, Alice')
    expect(as.count('token')).toBe(1)
  } finally {
    await hot.close()
  }
})
