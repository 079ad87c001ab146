import { clickLogin, createAuth, outcome } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { sendFocusElsewhere } from '../../rig/focus-elsewhere.js'
import { pageAt } from '../../rig/page-at.js'
import { popupOf, signIn } from '../../rig/sign-in.js'
import { createViteApp } from '../../rig/vite-app.js'

test('logs in through the callback page of the Vite plugin, under a base path, with COOP on the app', async ({
  page,
  as,
}) => {
  const headers = { 'cross-origin-opener-policy': 'same-origin' }
  const app = createViteApp({ base: '/app/', server: { headers } })
  try {
    const origin = await app.start('development')
    // The server has the origin itself for CORS, and the redirect URI of an "origin" with a path.
    as.appOrigins.push(origin, `${origin}/app`)
    const asked: string[] = []
    page.context().on('request', (request) => asked.push(new URL(request.url()).pathname))
    await sendFocusElsewhere(page)
    await page.goto(`${origin}/app/`)
    await createAuth(page, {
      ...{ issuer: as.issuer, clientId: as.clientId },
      ...{ redirectUri: '/app/callback.html', responseMode: 'fragment' },
    })
    await popupOf(page, () => clickLogin(page))
    await signIn(await pageAt(page, as.origin))
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    const [request] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
    expect(request!.params).toMatchObject({ redirect_uri: `${origin}/app/callback.html` })
    expect(asked).toEqual(expect.arrayContaining(['/app/callback.html', '/app/callback.js']))
  } finally {
    await app.close()
  }
})
