import type { Page } from '@playwright/test'
import { clickLogin, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

type Stored = Record<string, unknown>

/** What can be wrong with a redirect login in `sessionStorage` that has returned. */
const forgeries: Record<string, (real: Stored) => unknown> = {
  'is not JSON': () => '{',
  'is null': () => null,
  'is a number': () => 5,
  'is a list': (real) => [real],
  'has no resources': ({ resources: _, ...rest }) => rest,
  'has a resource that is a number': (real) => ({ ...real, resources: 5 }),
  'has no code verifier': ({ codeVerifier: _, ...rest }) => rest,
  'has no redirect URI': ({ redirectUri: _, ...rest }) => rest,
  'has a redirect URI that is no URL': (real) => ({ ...real, redirectUri: 'x' }),
  'has the redirect URI of another origin': (real) => ({
    ...real,
    redirectUri: 'https://evil.example/callback.html',
  }),
  'has no scope': ({ scope: _, ...rest }) => rest,
  'has a scope that is a list': (real) => ({ ...real, scope: ['openid'] }),
  'has acr values that are a number': (real) => ({ ...real, acrValues: 5 }),
  'has a state that is an object': (real) => ({ ...real, state: { a: 1 } }),
  'has another state': (real) => ({ ...real, state: 'r.other' }),
  'has a reply with another state': (real) => ({
    ...real,
    reply: String(real['reply']).replace(/state=[^&]+/, 'state=r.other'),
  }),
  'has a reply at another origin': (real) => ({
    ...real,
    reply: String(real['reply']).replace('localhost', 'evil.localhost'),
  }),
  'has a reply that is an object': (real) => ({ ...real, reply: {} }),
  'has expired': (real) => ({ ...real, expiresAt: 1 }),
  'expires at a time that is no number': (real) => ({ ...real, expiresAt: [] }),
  'is of another issuer': (real) => ({ ...real, issuer: 'https://evil.example' }),
  'is of another client': (real) => ({ ...real, clientId: 'other' }),
}

/** Opens the app with this login in storage, and waits for its first state. */
async function openWith(page: Page, key: string, value: unknown): Promise<void> {
  // A file without a client.
  await openApp(page, '/callback.js')
  await page.evaluate(
    ([name, text]) => {
      sessionStorage.clear()
      sessionStorage.setItem(name, text)
    },
    [key, typeof value === 'string' ? value : JSON.stringify(value)] as const,
  )
  await openApp(page)
  await page.evaluate(() => window.auth.ready())
}

test('completes no redirect login whose stored transaction was forged or damaged', async ({
  page,
  as,
  app,
}) => {
  test.slow()
  app.authAtLoad = { mode: 'redirect' }
  app.route('/plain', () => ({ body: '<!doctype html><title>Plain</title>' }))
  await openApp(page)
  await clickLogin(page, { returnTo: '/plain' })
  await signIn(page)
  await page.waitForURL(`${app.origin}/plain`)
  const [key, text] = await page.evaluate(() => Object.entries(sessionStorage)[0]!)
  const real = JSON.parse(text) as Stored
  expect(real).toHaveProperty('reply')

  const faults: string[] = []
  page.on('pageerror', ({ message }) => void faults.push(message))
  for (const [name, forge] of Object.entries(forgeries))
    await test.step(name, async () => {
      await openWith(page, key, forge(real))
      const { status, ...rest } = await state(page)
      expect(status).toBe('logged-out')
      // Either reported with a code of ours, or not ours at all: no TypeError, and nothing that looks like a failure of the server.
      const { error } = rest as { error?: { name: string; code: string } }
      if (error) expect(['unknown_transaction', 'invalid_response']).toContain(error.code)
      expect(as.count('token')).toBe(0)
    })
  expect(faults).toEqual([])
  // The control: as it was.
  await openWith(page, key, real)
  expect((await state(page)).status).toBe('logged-in')
  expect(as.count('token')).toBe(1)
})

test('takes no session from a forged record of sessionStore', async ({ page, as, app }) => {
  app.authAtLoad = { store: 'session' }
  await openApp(page)
  await signIn(await popupOf(page, () => clickLogin(page)))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  const records = await page.evaluate(() => Object.entries(sessionStorage))
  const [key, text] = records.find(([, value]) => value.includes('refreshToken'))!
  const change = (edit: (session: Stored) => unknown) => {
    const record = JSON.parse(text) as { sealed: { text: string } }
    record.sealed.text = JSON.stringify(edit(JSON.parse(record.sealed.text) as Stored))
    return JSON.stringify(record)
  }
  const forged = [
    '{',
    'null',
    change(() => 5),
    change((session) => ({ ...session, tokens: { '': { accessToken: 5, expiresAt: 9e15 } } })),
    change((session) => ({ ...session, user: { sub: 5 } })),
    change((session) => ({ ...session, resources: 'x', scope: 5 })),
    change((session) => ({ ...session, after: 1e300 })),
  ]
  const reload = async (value: string) => {
    await page.evaluate(([name, to]) => sessionStorage.setItem(name, to), [key, value] as const)
    await page.reload()
    await page.evaluate(() => window.auth.ready())
    return (await state(page)).status
  }
  const { length } = as.requests
  for (const value of forged) expect(await reload(value), value.slice(0, 60)).toBe('logged-out')
  expect(as.requests).toHaveLength(length)
  // The control: as it was.
  expect(await reload(text)).toBe('logged-in')
})
