import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createBuilder, type Plugin } from 'vite'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { latchkey } from '../../src/vite.js'
import { findEntry } from '../figures/measure-size.js'
import { createViteApp, type ViteApp } from '../rig/vite-app.js'

const html = readFileSync(findEntry('./callback.html'), 'utf8')
const htmlBelow = html.replace('href="./"', 'href="../"')
const script = readFileSync(findEntry('./callback.js'), 'utf8')
const coop = { 'cross-origin-opener-policy': 'same-origin' }
let app: ViteApp

// Servers and builds of Vite take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

afterEach(() => app?.close())

/** Checks that both files are there, as they are shipped, and with their headers. */
async function expectCallbackPage(at: string, expected = html): Promise<void> {
  const page = await fetch(`${at}?code=1&state=p.1`)
  expect(page.status).toBe(200)
  expect(await page.text()).toBe(expected)
  const beside = await fetch(new URL('callback.js', at))
  expect(await beside.text()).toBe(script)
  expect(beside.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect(page.headers.get('content-type')).toMatch(/^text\/html/)
  expect(page.headers.get('referrer-policy')).toBe('no-referrer')
  expect(page.headers.get('content-security-policy')).toBe("frame-ancestors 'self'")
  expect(page.headers.get('cross-origin-opener-policy')).toBeNull()
}

test('the plugin has the type of a Vite plugin', () => {
  const plugin: Plugin = latchkey()
  expect(plugin.name).toBe('latchkey')
})

describe.each([
  ['/', undefined, '/callback.html', html],
  ['/app/', undefined, '/app/callback.html', html],
  // Its link leads to the app, not to the folder that it stands in.
  ['/app/', '/login/return.html', '/app/login/return.html', htmlBelow],
])('with base %s and callback %s', (base, callback, path, expected) => {
  const options = callback ? { callback } : {}
  const create = () => createViteApp({ base, server: { headers: coop }, preview: { headers: coop } }, options)

  test('the development server serves the callback page, and leaves the app unchanged', async () => {
    app = create()
    const origin = await app.start('development')
    await expectCallbackPage(origin + path, expected)
    const page = await fetch(`${origin}${base}`)
    expect(await page.text()).toContain('Test app')
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin')
    const head = await fetch(origin + path, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const other = await fetch(`${origin}${path}.map`)
    expect(await other.text()).not.toBe(expected)
    // What is no path of a URL is left to Vite.
    expect((await fetch(`${origin}//`)).status).toBeLessThan(500)
  })

  test('the build contains it, and so does the preview', async () => {
    app = create()
    const files = await app.build()
    const inDist = path.slice(base.length)
    expect(files).toEqual(expect.arrayContaining([inDist, join(inDist, '../callback.js'), 'index.html']))
    expect(readFileSync(join(app.folder, 'dist', inDist), 'utf8')).toBe(expected)
    expect(readFileSync(join(app.folder, 'dist', inDist, '../callback.js'), 'utf8')).toBe(script)
    await expectCallbackPage((await app.start('preview')) + path, expected)
  })
})

test('a relative base is the root of the servers, and does not change the build', async () => {
  app = createViteApp({ base: './' })
  expect(await app.build()).toContain('callback.html')
  await expectCallbackPage(`${await app.start('development')}/callback.html`)
})

test('a build for the server has no callback page', async () => {
  app = createViteApp({})
  const files = await app.build({ build: { ssr: 'app.js' } })
  expect(files).toContain('app.mjs')
  expect(files).not.toContain('callback.html')

  // The same, where the server is one of several environments.
  const builder = await createBuilder({
    ...{ root: app.folder, configFile: false, logLevel: 'silent', plugins: [latchkey()] },
    environments: { ssr: { build: { rollupOptions: { input: join(app.folder, 'app.js') } } } },
  })
  const [built] = [await builder.build(builder.environments['ssr']!)].flat()
  const names = built && 'output' in built ? built.output.map(({ fileName }) => fileName) : []
  expect(names).toHaveLength(1)
  expect(names[0]).toMatch(/^app/)
})

test.each([
  'callback.html',
  '/callback',
  '/../callback.html',
  '/a/./b.html',
  '/callback.html?as=a',
  '//evil/b.html',
  1,
])('a "callback" of %s is a TypeError', (callback) => {
  expect(() => latchkey({ callback: callback as string })).toThrow(/^"callback" must be a path/)
  expect(latchkey({ callback: '/a/b.c/return.html' }).name).toBe('latchkey')
})

test('serves and builds the page for front-channel logout only where the option says so', async () => {
  const page = readFileSync(findEntry('./logout.html'), 'utf8')
  app = createViteApp({ base: '/app/' }, { logout: '/bye/logout.html' })
  const files = await app.build()
  expect(files).toEqual(expect.arrayContaining(['bye/logout.html', 'bye/logout.js', 'callback.html']))
  const at = `${await app.start('development')}/app/bye/logout.html?iss=1&sid=1`
  const answer = await fetch(at)
  expect(await answer.text()).toBe(page)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; script-src 'self'")
  const beside = await fetch(new URL('logout.js', at))
  expect(await beside.text()).toBe(readFileSync(findEntry('./logout.js'), 'utf8'))
  await app.close()

  app = createViteApp({})
  expect(await app.build()).not.toContain('logout.html')
})

test.each(['logout.html', '/logout', '/../logout.html', ''])('a "logout" of %j is a TypeError', (logout) => {
  expect(() => latchkey({ logout })).toThrow(/^"logout" must be a path/)
  expect(latchkey({ logout: '/logout.html' }).name).toBe('latchkey')
})

describe('an app that uses latchkey/lazy', () => {
  const usesLazy = `import { createClient } from ${JSON.stringify(findEntry('./lazy'))}\nwindow.client = createClient`
  const readPage = () => readFileSync(join(app.folder, 'dist/index.html'), 'utf8')

  test.each([
    ['/', '/'],
    ['/app/', '/app/'],
    ['./', ''],
  ])('preloads the file of the engine, with base %s', async (base, prefix) => {
    app = createViteApp({ base })
    writeFileSync(join(app.folder, 'latchkey.js'), usesLazy)
    const files = await app.build()
    const [, href] = /<link rel="modulepreload" crossorigin fetchpriority="low" href="([^"]+)">/.exec(
      readPage(),
    )!
    expect(files.map((file) => prefix + file)).toContain(href)
    expect(readFileSync(join(app.folder, 'dist', href!.slice(prefix.length)), 'utf8')).toContain('OAUTH_')
  })

  test('preloads nothing where nothing is loaded later', async () => {
    app = createViteApp({})
    writeFileSync(join(app.folder, 'latchkey.js'), usesLazy.replace(findEntry('./lazy'), findEntry('.')))
    await app.build()
    expect(readPage()).not.toContain('fetchpriority')
  })
})
