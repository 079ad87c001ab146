import type { Page } from '@playwright/test'
import { state } from '../../rig/app-page.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { signIn } from '../../rig/sign-in.js'

/** The page of the app that is registered as `initiate_login_uri`. */
const loginPage = `<!doctype html><title>Log in</title><output></output>
<script src="/defaults.js"></script>
<script type="module" src="/latchkey.js"></script>
<script type="module">
  const { createClient, readInitiatedLogin } = window.latchkey
  const auth = createClient(window.authDefaults)
  const show = (text) => (document.querySelector('output').textContent = text)
  try {
    const request = readInitiatedLogin(location.href, { issuer: window.authDefaults.issuer })
    if (request) await auth.login(request.loginOptions)
    else show('no request')
  } catch (error) {
    show(error.code)
  }
</script>`

/** Opens a page of another site, and follows its link to the login page of the app. */
async function followLink(page: Page, portal: AppServer, app: AppServer, parameters: Record<string, string>) {
  const href = `${app.origin}/login?${new URLSearchParams(parameters)}`
  portal.route('/portal', () => ({
    body: `<!doctype html><a href="${href.replaceAll('&', '&amp;')}">Orders</a>`,
  }))
  await page.goto(`${portal.origin}/portal`)
  await page.getByRole('link').click()
}

test('logs in from a link of another site, with its hint, and arrives at its target', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const portal = await startApp({ host: '127.0.0.1' })
  app.route('/login', () => ({ body: loginPage }))
  app.authAtLoad = {}
  const target = `${app.origin}/orders?id=1#paid`
  await followLink(page, portal, app, { iss: as.issuer, login_hint: 'alice', target_link_uri: target })
  await page.waitForURL(/\/interaction\//)
  expect(await page.inputValue('#login')).toBe('alice')
  await signIn(page)
  await page.waitForURL(target)
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({
    status: 'logged-in',
    user: { sub: 'alice' },
  })
  const [request] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
  expect(request!.params).toMatchObject({
    login_hint: 'alice',
    state: expect.stringMatching(/^r\.[\w-]{43}$/),
  })

  // Without a target, with the session that the server now has: once, and not again on the page that the user returns to.
  await followLink(page, portal, app, { iss: as.issuer })
  await page.waitForURL(`${app.origin}/`)
  await page.evaluate(() => window.auth.ready())
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  expect(as.count('authorize')).toBe(2)

  // Nothing leaves the app for another server, or to return to another site.
  const { length } = as.requests
  await followLink(page, portal, app, { iss: portal.origin, login_hint: 'alice' })
  await expect(page.locator('output')).toHaveText('invalid_request')
  await followLink(page, portal, app, { iss: as.issuer, target_link_uri: `${portal.origin}/` })
  await expect(page.locator('output')).toHaveText('invalid_request')
  await followLink(page, portal, app, { login_hint: 'alice' })
  await expect(page.locator('output')).toHaveText('no request')
  expect(as.requests).toHaveLength(length)
})
