import { makeDocumentApp } from '../../rig/document-app.js'
import { expect, test } from '../../rig/fixtures.js'
import { press, signIn } from '../../rig/sign-in.js'

test('an app of SvelteKit built from docs/svelte.md guards a page in the browser, and the server never sees a token', async ({
  page,
  as,
}) => {
  // npm downloads what the template needs.
  test.setTimeout(300_000)
  const { issuer, clientId } = as
  const made = await makeDocumentApp({ document: 'docs/svelte.md', template: 'sveltekit', issuer, clientId })
  try {
    const complaints: string[] = []
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('console', (message) => {
      if (/warning|error/.test(message.type())) complaints.push(message.text())
    })
    for (const kind of ['development', 'preview'] as const) {
      const origin = await made.serve(kind)
      as.appOrigins.push(origin)
      const sent: string[] = []
      page.on('request', (request) => {
        if (request.url().startsWith(origin))
          sent.push(`${request.url()} ${JSON.stringify(request.headers())}`)
      })
      const before = { authorize: as.count('authorize'), token: as.count('token') }
      const heading = page.getByRole('heading', { name: 'Orders of Alice' })

      // A login that fails is reported once, and not repeated.
      await page.goto(`${origin}/orders?page=2`)
      await press(page, 'Cancel')
      await expect(page.getByRole('alert')).toContainText('access_denied')
      await expect(page).toHaveURL(`${origin}/login?to=${encodeURIComponent('/orders?page=2')}`)
      expect(as.count('authorize')).toBe(before.authorize + 1)
      await page.getByRole('button', { name: 'Log in' }).click()
      await signIn(page)
      await expect(heading).toBeVisible()
      await expect(page).toHaveURL(`${origin}/orders?page=2`)

      // The server renders for nobody, and the browser takes over for the user.
      const answer = await page.goto(origin)
      expect(await answer!.text()).toContain('<p role="status">loading</p>')
      await expect(page.getByRole('status')).toHaveText('logged-in')
      await page.getByRole('link', { name: 'Orders' }).click()
      await expect(heading).toBeVisible()
      expect(as.count('authorize')).toBe(before.authorize + 2)
      expect(as.count('token')).toBe(before.token + 1)
      // The callback page has its parameters in the fragment, which is not sent.
      expect(sent.join('\n')).toContain('/callback.html')
      expect(sent.filter((one) => /authorization|bearer|[?&]code=/i.test(one))).toEqual([])

      await page.goto(origin)
      await page.getByRole('button', { name: 'Log out' }).click()
      await expect(page.getByRole('status')).toHaveText('logged-out')
    }
    expect(complaints).toEqual([])
  } finally {
    await made.close()
  }
})
