import { randomBytes } from 'node:crypto'
import type { Page } from '@playwright/test'
import { click, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { createKeptAuth, expectMarked, holdsSecret, startSecretSearch } from '../../rig/secret-search.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { tokenOrCode } from '../../rig/log-in-twice.js'

// The control of the searches in pages-secrets-*: a page that leaks into each place, one at a time, is found out.
type Leak = (secret: string) => unknown

/** Ways to leak by place, and the places by what they have in common. */
const leaks: Record<string, Record<string, Record<string, Leak>>> = {
  'what it shows': {
    URL: { 'a query': (secret) => history.replaceState(null, '', `/?code=${secret}`) },
    history: {
      'a page that was left': (secret) => {
        history.pushState(null, '', `/#${secret}`)
        history.pushState(null, '', '/clean')
      },
      'a state object': (secret) => history.replaceState({ token: { deep: secret } }, '', '/'),
    },
    'window.name': { 'the name': (secret) => void (window.name = secret) },
    document: {
      text: (secret) => document.body.append(secret),
      'an attribute': (secret) => document.body.setAttribute('data-token', secret),
      'a frame': (secret) => {
        const frame = document.createElement('iframe')
        frame.src = `/app.html?${secret}`
        document.body.append(frame)
      },
      'a title': (secret) => void (document.title = secret),
    },
  },
  'what it reports': {
    console: {
      'a line': (secret) => console.log(`got ${secret}`),
      'an object': (secret) => console.warn({ token: secret }),
      'an error that nobody catches': (secret) => void setTimeout(() => { throw new Error(secret) }), // prettier-ignore
    },
    errors: {
      'a message': (secret) => window.kept.errors.push(new Error(`bad code ${secret}`)),
      'a percent-encoded message': (secret) => window.kept.errors.push(new Error([...secret].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(''))), // prettier-ignore
      'a stack': (secret) =>
        window.kept.errors.push(Object.assign(new Error('x'), { stack: `at ${secret}` })),
      'a cause': (secret) => window.kept.errors.push(new Error('x', { cause: new Error(secret) })),
      'an own property': (secret) =>
        window.kept.errors.push(Object.assign(new Error('x'), { error_description: secret })),
      'a hidden property': (secret) => window.kept.errors.push(Object.defineProperty(new Error('x'), 'body', { value: secret })), // prettier-ignore
      'a getter': (secret) => window.kept.errors.push(Object.defineProperty(new Error('x'), 'body', { get: () => secret })), // prettier-ignore
      'a symbol': (secret) =>
        window.kept.errors.push(Object.assign(new Error('x'), { [Symbol('hidden')]: { secret } })),
      'a map': (secret) => window.kept.errors.push(Object.assign(new Error('x'), { details: new Map([['k', new Set([secret])]]) })), // prettier-ignore
      parameters: (secret) =>
        window.kept.errors.push(new Error('x', { cause: new URLSearchParams({ code: secret }) })),
      'a body': (secret) => window.kept.errors.push(new Error('x', { cause: new Response(`{"access_token":"${secret}"}`) })), // prettier-ignore
      headers: (secret) => window.kept.errors.push(new Error('x', { cause: new Response('', { headers: { a: secret } }) })), // prettier-ignore
      bytes: (secret) => window.kept.errors.push(Object.assign(new Error('x'), { data: new TextEncoder().encode(secret) })), // prettier-ignore
      'a rejection that nobody catches': (secret) => void Promise.reject(new Error(secret)),
      'a piece of it': (secret) => window.kept.errors.push(new Error(`…${secret.slice(-24)}`)),
    },
    events: { 'an event': (secret) => window.kept.events.push({ type: 'renewed', token: secret }) },
    states: {
      'a state': (secret) =>
        window.kept.states.push({ status: 'logged-in', user: { sub: 'a', hint: secret } }),
    },
  },
  'what it keeps': {
    cookies: { 'a cookie': (secret) => void (document.cookie = `token=${secret}`) },
    localStorage: { 'a value': (secret) => localStorage.setItem('token', `{"a":"${secret}"}`) },
    sessionStorage: {
      'a value': (secret) => sessionStorage.setItem('latchkey:r.x', `{"codeVerifier":"${secret}"}`),
      'a key': (secret) => sessionStorage.setItem(secret, ''),
    },
    caches: {
      'an address': async (secret) => (await caches.open('c')).put(`/?${secret}`, new Response('')),
      'a body': async (secret) => (await caches.open('c')).put('/x', new Response(secret)),
    },
    IndexedDB: {
      text: (secret) => putInDatabase('other', 'key', secret),
      'a nested value': (secret) => putInDatabase('other', 'key', [{ deep: new Map([['token', secret]]) }]),
      bytes: (secret) => putInDatabase('other', 'key', { sealed: new TextEncoder().encode(secret).buffer }),
      'wide bytes': (secret) => putInDatabase('other', 'key', { sealed: Uint16Array.from(secret, (c) => c.charCodeAt(0)) }), // prettier-ignore
      'a key': (secret) => putInDatabase('other', secret, 'value'),
      'a blob': (secret) => putInDatabase('other', 'key', new Blob([secret])),
    },
  },
}

/** Runs in the page, where `addHelpers` has put it. */
declare const putInDatabase: (name: string, key: string, value: unknown) => Promise<unknown>

async function addHelpers(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const put = (name: string, key: string, value: unknown) =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open(name)
        request.onupgradeneeded = () => request.result.createObjectStore('records')
        request.onerror = () => reject(request.error as Error)
        request.onsuccess = () => {
          const transaction = request.result.transaction('records', 'readwrite')
          transaction.objectStore('records').put(value, key)
          transaction.oncomplete = resolve
        }
      })
    Object.assign(window, { putInDatabase: put })
  })
}

async function leak(page: Page, way: Leak, secret: string): Promise<void> {
  // As one expression, like `click` of app-page.ts: the function is the page's own then.
  await page.evaluate(`(async () => { await (${way})(${JSON.stringify(secret)}) })()`)
}

for (const [part, places] of Object.entries(leaks)) {
  test(`finds each secret that a page leaks into ${part}`, async ({ page, as }) => {
    const search = await startSecretSearch(page, as)
    await addHelpers(page)
    await openApp(page)
    for (const [place, ways] of Object.entries(places)) {
      for (const [way, run] of Object.entries(ways)) {
        await test.step(`${place} by ${way}`, async () => {
          // A new one for each way, so that nothing but this way can show it.
          const secret = randomBytes(24).toString('hex')
          as.secrets.add(secret)
          await leak(page, (value) => void value, secret)
          expect(await search.find()).toEqual([])
          await leak(page, run, secret)
          await expect.poll(() => search.find(), `${place} by ${way}`).toContain(place)
          as.secrets.delete(secret)
        })
      }
    }
  })
}

/** Finds what the server marked under a name of its wire, wherever it was sent. */
function sent(as: TestAuthorizationServer, field: string): string[] {
  return as.requests.flatMap(({ params }) => params[field] ?? [])
}

test('marks every code, verifier and token, and finds each of them', async ({ page, as }) => {
  const search = await startSecretSearch(page, as)
  await openApp(page)
  await createKeptAuth(page)
  const answers: Record<string, unknown>[] = []
  as.tamperTokenResponse((json) => {
    answers.push(json)
    return json
  })
  await logInByPopup(page)
  expect(await tokenOrCode(page, 100_000)).toBe('token')
  const tokens = answers.flatMap((json) =>
    ['access_token', 'refresh_token', 'id_token'].map((field) => String(json[field])),
  )
  const marked = [...sent(as, 'code'), ...sent(as, 'code_verifier'), ...sent(as, 'refresh_token'), ...tokens]
  expect(marked.length).toBe(9)
  expect(await search.find()).toEqual([])
  for (const secret of marked) {
    expect(as.secrets).toContain(secret)
    await page.evaluate((value) => void (window.name = value), secret)
    expect(await search.find()).toEqual(['window.name'])
  }
})

test('finds the tokens of a store that does not encrypt', async ({ page, as }) => {
  const search = await startSecretSearch(page, as)
  await openApp(page)
  await createAuth(page, { store: 'session' })
  await logInByPopup(page)
  expect(await search.find()).toEqual(['sessionStorage'])
})

test('finds the verifier of a pending redirect, which belongs in sessionStorage', async ({ page, as }) => {
  const search = await startSecretSearch(page, as)
  await openApp(page)
  await createAuth(page)
  await click(page, () => void window.auth.login({ mode: 'redirect' }))
  await page.waitForURL(`${as.origin}/**`)
  // Without a client, which would clear it away.
  await openApp(page)
  expectMarked(as, 1)
  expect(await search.find()).toEqual(['sessionStorage'])
})

test('finds secrets in the events, errors and states of a client created at load', async ({
  page,
  as,
  app,
}) => {
  const search = await startSecretSearch(page, as)
  app.authAtLoad = {}
  await openApp(page)
  expect(await search.find()).toEqual([])
  // Letters alone pass for words, which are passed on as the server says them.
  const secret = 'secretofthisservernobodyknows'
  as.secrets.add(secret)
  as.fault('authorize', { error: 'access_denied', error_description: secret })
  await click(page, () => window.auth.login())
  expect((await outcome(page)).error).toMatchObject({ error_description: secret })
  expect(await search.find()).toEqual(['errors', 'events'])
  await click(page, () => void window.auth.login({ mode: 'redirect' }))
  await page.waitForURL(`${app.origin}/`)
  await expect.poll(() => search.find().catch(() => [])).toEqual(['events', 'states'])
})

test('finds nothing on a page with a different secret', () => {
  const secrets = new Set(['a'.repeat(43), 'short'])
  expect(holdsSecret(`${'b'.repeat(43)} short ${'a'.repeat(12)}`, secrets)).toBe(false)
  expect(holdsSecret(Buffer.from(`x${'a'.repeat(43)}`).toString('base64'), secrets)).toBe(true)
})
