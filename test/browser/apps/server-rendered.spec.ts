import type { Request } from '@playwright/test'
import { expect, test } from '../../rig/fixtures.js'
import { makeServerRenderedApp, next, nuxt } from '../../rig/server-rendered-app.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

// The code is that of docs/react.md and docs/vue.md.

const names = { next: 'Next.js', nuxt: 'Nuxt' }

for (const framework of [next, nuxt]) {
  test(`a production build of ${names[framework.name]} hydrates without a mismatch, logs in by popup and keeps every token from its server`, async ({
    page,
    as,
    request,
    browserName,
  }) => {
    test.skip(
      browserName !== 'chromium',
      'npm installs the same files; react.spec and vue.spec cover hydration',
    )
    // npm downloads the framework, which is then built.
    test.setTimeout(400_000)
    const app = await makeServerRenderedApp(framework, as)
    try {
      as.appOrigins.push(app.origin)
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
      })
      const sent: string[] = []
      page.context().on('request', (one) => void sent.push(describe(one)))
      const answers: Promise<string>[] = []
      page.context().on('response', (response) => {
        if (response.url().startsWith(app.origin)) answers.push(response.text().catch(() => ''))
      })

      await page.goto(app.origin)
      const popup = await popupOf(page, () => page.getByRole('button', { name: 'Log in' }).click())
      await signIn(popup)
      await expect(page.getByRole('status')).toHaveText('Logged in as Alice')
      await page.reload()
      await expect(page.getByRole('status')).toHaveText('Logged in as Alice')
      expect(as.count('token')).toBe(1)
      expect(complaints).toEqual([])

      // With all cookies of the browser, the server still does not know who is logged in.
      const cookies = await page.context().cookies()
      const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
      const html = await (await request.get(app.origin, { headers: { cookie } })).text()
      expect(html).toContain('One moment')
      expect(html).not.toMatch(/alice/i)
      const isSecretIn = (text: string) => [...as.secrets].some((secret) => text.includes(secret))
      const toApp = sent.filter((one) => one.startsWith(app.origin))
      const all = [html, app.output(), ...toApp, ...(await Promise.all(answers))].join('\n')
      expect(isSecretIn(all)).toBe(false)
      // The control: the search finds what went to the authorization server.
      expect(isSecretIn(sent.join('\n'))).toBe(true)

      // The control: a mismatch is seen.
      await page.route(app.origin + '/', async (route) => {
        const response = await route.fetch()
        await route.fulfill({ response, body: (await response.text()).replaceAll('One moment', 'One hour') })
      })
      await page.reload()
      await expect.poll(() => complaints.join()).toMatch(/hydrat|error #418/i)
      await page.unroute(app.origin + '/')

      await page.reload()
      await page.getByRole('button', { name: 'Log out' }).click()
      await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible()
      expect(as.count('end_session')).toBe(1)
    } finally {
      await app.close()
    }
  })
}

/** All of a request that its server gets. */
function describe(request: Request): string {
  return [request.url(), JSON.stringify(request.headers()), request.postData() ?? ''].join('\n')
}
