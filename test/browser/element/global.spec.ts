import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { parse } from 'acorn'
import { findEntry } from '../../figures/measure-size.js'
import { readReports, servePolicy, violatePolicy } from '../../rig/csp-reports.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { openButtonPage } from '../../rig/login-button-page.js'
import { publishMetadata } from '../../rig/published-metadata.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

const file = readFileSync(findEntry('./latchkey.global.js'), 'utf8')
const integrity = `sha384-${createHash('sha384').update(file).digest('base64')}`
const attributesFor = ({ issuer, clientId }: TestAuthorizationServer) =>
  `data-issuer="${issuer}" data-client-id="${clientId}" data-scope="openid profile"`
const tag = (attributes: string) => `<script src="/latchkey.global.js" ${attributes}></script>`
const markup = '<login-button><a href="/login">Log in</a></login-button>'
const named = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Serves the file, and scripts of the page's own by their path. */
function serveScripts(app: AppServer, scripts: Record<string, string> = {}): void {
  const headers = { 'content-type': 'text/javascript; charset=utf-8' }
  for (const [path, body] of Object.entries({ '/latchkey.global.js': file, ...scripts }))
    app.route(path, () => ({ headers, body }))
}

/** A classic script that notes down which states it hears of, from its first line on or from the end of the parsing. */
const listen = (name: string, late = false) => `
  var ${name} = []
  ;(${late ? "document.addEventListener.bind(document, 'DOMContentLoaded')" : '(function (now) { now() })'})(function () {
    document.addEventListener('latchkey:state', function (event) {
      ${name}.push(event.detail.status + (event.detail.login ? ' ' + event.detail.login : ''))
    })
  })`

async function logIn(page: Page): Promise<void> {
  await signIn(await popupOf(page, () => named(page, 'Log in').click()))
  await expect(named(page, 'Log out')).toBeVisible()
}

test('a script tag with an integrity hash creates a client, a button and events under a strict CSP', async ({
  page,
  as,
  app,
}) => {
  servePolicy(
    app,
    `default-src 'self'; connect-src ${as.origin}; require-trusted-types-for 'script'; trusted-types 'none'`,
  )
  serveScripts(app, { '/before.js': listen('before'), '/late.js': listen('late', true) })
  const scripts = (hash: string) =>
    `<script src="/before.js"></script>${tag(`integrity="${hash}" ${attributesFor(as)}`)}<script defer src="/late.js"></script>`
  await openButtonPage(page, app, { markup, head: scripts(integrity) })
  await logIn(page)
  const heard = [
    ...['logged-out', 'logged-out opening', 'logged-out waiting', 'logged-out redeeming'],
    ...['logged-in redeeming', 'logged-in'],
  ]
  expect(await page.evaluate('[before, late]')).toEqual([heard, heard])
  expect(await page.evaluate('Latchkey.client.getUser().sub')).toBe('alice')
  // A live session takes a read of the database; each page hears of it once.
  await page.reload()
  await expect.poll(() => page.evaluate('[before, late]')).toEqual([['logged-in'], ['logged-in']])
  await violatePolicy(page, app)
  expect(readReports(app)).toEqual([expect.stringMatching(/^img-src .*marker/)])

  await openButtonPage(page, app, { markup, head: scripts(`sha384-${'A'.repeat(64)}`) })
  await expect(page.getByRole('link', { name: 'Log in' })).toBeVisible()
  expect(await page.evaluate('typeof Latchkey')).toBe('undefined')
})

test('inline ECMAScript 5 code uses it with promises, under a CSP with a nonce', async ({
  page,
  as,
  app,
}) => {
  const inline = `
    var said = []
    document.addEventListener('latchkey:state', function (event) {
      said.push(event.detail.status)
    })
    document.getElementById('who').onclick = function () {
      Latchkey.client.getToken().then(function (token) {
        said.push(typeof token, Latchkey.client.getUser().sub)
      }, function (error) {
        said.push(Latchkey.isAuthError(error) && error.code)
      })
    }`
  expect(parse(inline, { ecmaVersion: 5 }).body.length).toBeGreaterThan(0)
  serveScripts(app)
  const nonce = 'n0nce'
  servePolicy(app, `default-src 'self'; script-src 'self' 'nonce-${nonce}'; connect-src ${as.origin}`)
  const open = (given: string) =>
    openButtonPage(page, app, {
      head: tag(attributesFor(as)),
      markup: `${markup}<button id="who">Who</button><script nonce="${given}">${inline}</script>`,
    })
  await open(nonce)
  await named(page, 'Who').click()
  await expect.poll(() => page.evaluate('said')).toEqual(['logged-out', 'login_required'])
  await logIn(page)
  await named(page, 'Who').click()
  await expect.poll(() => page.evaluate('said.slice(-3)')).toEqual(['logged-in', 'string', 'alice'])
  // The control: the policy stops a script that nobody gave the nonce.
  await open('another')
  expect(await page.evaluate('typeof said')).toBe('undefined')
})

test('a page replaces the client of the tag with its own', async ({ page, as, app }) => {
  const options = JSON.stringify({ issuer: as.issuer, clientId: as.clientId })
  serveScripts(app, { '/own.js': `Latchkey.client = Latchkey.createClient(${options})` })
  const head = `${tag('')}<script src="/own.js"></script>`
  await openButtonPage(page, app, { markup, head })
  await logIn(page)
  expect(await page.evaluate('Latchkey.client.getState().status')).toBe('logged-in')
  // Without one there is nothing to log in with; the names are there all the same.
  await openButtonPage(page, app, { markup, head: tag('') })
  await expect(named(page, 'Log in')).toHaveAttribute('aria-disabled', 'true')
  expect(await page.evaluate('Object.keys(Latchkey).sort()')).toEqual([
    ...['AuthError', 'LoginButton', 'client', 'createClient', 'indexedDBStore', 'isAuthError', 'memoryStore'],
    ...['parseChallenges', 'sessionStore'],
  ])
})

test('a page that contains the tag twice has one client, whatever the second tag says', async ({
  page,
  as,
  app,
}) => {
  serveScripts(app, { '/before.js': listen('heard') })
  for (const second of [attributesFor(as), '']) {
    const head = `<script src="/before.js"></script>${tag(attributesFor(as))}${tag(second)}`
    await openButtonPage(page, app, { markup, head })
    await logIn(page)
    expect(await page.evaluate('Latchkey.client.getState().status')).toBe('logged-in')
    // With two clients each is heard.
    const once = ['logged-out', 'logged-out opening', 'logged-out waiting', 'logged-out redeeming']
    expect(await page.evaluate('heard')).toEqual([...once, 'logged-in redeeming', 'logged-in'])
    await page.evaluate('Latchkey.client.logout({ local: true })')
    await page.context().clearCookies()
  }
})

test('a script added after parsing announces its states while an image is still loading', async ({
  page,
  as,
  app,
}) => {
  let release = () => {}
  const slow = new Promise<void>((resolve) => (release = resolve))
  app.route('/slow.png', async () => (await slow, { status: 404 }))
  const inject = `
    document.addEventListener('DOMContentLoaded', function () {
      setTimeout(function () {
        var script = document.createElement('script')
        script.src = '/latchkey.global.js'
        script.dataset.issuer = '${as.issuer}'
        script.dataset.clientId = '${as.clientId}'
        document.head.append(script)
      })
    })`
  serveScripts(app, { '/before.js': listen('heard') + inject })
  const html = `<!doctype html><title>Late</title><script src="/before.js"></script><img src="/slow.png">`
  app.route('/late', () => ({ headers: { 'content-type': 'text/html' }, body: html }))
  await page.goto('/late', { waitUntil: 'commit' })
  await expect.poll(() => page.evaluate('heard').catch(() => {})).toEqual(['logged-out'])
  expect(await page.evaluate('document.readyState')).toBe('interactive')
  release()
  await page.waitForLoadState()
  expect(await page.evaluate('heard')).toEqual(['logged-out'])
})

test('a script tag passes all its attributes to the client, and reports an invalid one', async ({
  page,
  as,
  app,
  startApp,
}) => {
  const api = await startApp()
  api.route('/orders', ({ headers }) => ({ status: headers.authorization ? 200 : 401 }))
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  serveScripts(app)
  const more = `data-mode="redirect" data-redirect-uri="/callback.html?as=a" data-apis="https://a.example ${api.origin}"`
  await openButtonPage(page, app, { markup, head: tag(`async ${attributesFor(as)} ${more}`) })
  await named(page, 'Log in').click()
  await page.waitForURL(`${as.origin}/**`)
  await signIn(page)
  await expect(named(page, 'Log out')).toBeVisible()
  const [asked] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
  expect(asked?.params).toMatchObject({
    redirect_uri: `${app.origin}/callback.html?as=a`,
    scope: 'openid profile',
  })
  const call = `Latchkey.client.fetch('${api.origin}/orders').then(function (answer) { return answer.status })`
  expect(await page.evaluate(call)).toBe(200)
  expect(errors).toEqual([])
  await openButtonPage(page, app, { markup, head: tag(`${attributesFor(as)} data-mode="window"`) })
  await expect.poll(() => errors).toEqual([expect.stringContaining('"mode" must be')])
})

test.describe('at a server whose issuer is a template', () => {
  test.use({ asOptions: { sendIss: false } })

  test('takes the tenants and the logout URL from its attributes', async ({ page, as, app }) => {
    const [own, other] = ['3f2504e0-4f89-41d3-9a0c-0305e82c3301', '72f988bf-86f1-41af-91ab-2d7cd011db47']
    const issuer = `${as.issuer}/{tenantid}/v2.0`
    await publishMetadata(as, { issuer })
    as.tamperIdToken((claims) => ({
      claims: { ...claims, tid: own, iss: issuer.replace('{tenantid}', own) },
    }))
    serveScripts(app)
    app.route('/bye', () => ({ body: '<!doctype html><html lang="en"><title>Bye</title></html>' }))
    const more = `data-end-session-url="${app.origin}/bye"`
    const openWith = (tenants: string) =>
      openButtonPage(page, app, {
        markup,
        head: tag(`${attributesFor({ ...as, issuer })} data-tenants="${tenants}" ${more}`),
      })
    const logIn = () => popupOf(page, () => named(page, 'Log in').click())
    await openWith(`${other}  ${own}`)
    await signIn(await logIn())
    await named(page, 'Log out').click()
    await page.waitForURL(`${app.origin}/bye?**`)
    expect(as.count('end_session')).toBe(0)

    // The session at the server is still there: it answers at once.
    await openWith(other)
    await logIn()
    await expect(page.getByRole('alert')).toContainText('invalid_id_token')
  })
})
