import { readFileSync } from 'node:fs'
import { click, clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { findEntry } from '../../figures/measure-size.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { openOverlay, signInFramed } from '../../rig/overlay.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

/** What the library reads of a document, and markup can hide (HTML section 3.1.6). */
const names = [
  ...['currentScript', 'baseURI', 'documentElement', 'body', 'head', 'createElement', 'querySelector'],
  ...['hasFocus', 'visibilityState', 'readyState', 'addEventListener', 'dispatchEvent', 'location'],
]
const images = names.map((name) => `<img name="${name}" alt="">`).join('')

/** Serves the test page with an image for each name. Its scripts come first: what they read is not the subject. */
function serveAmong(app: AppServer, markup: string): void {
  app.route('/among.html', () => ({
    body: `<!doctype html><title>App</title><button id="run">Run</button>
      ${['defaults', 'latchkey', 'app'].map((name) => `<script src="/${name}.js" type="module"></script>`).join('')}
      <script type="module">document.querySelector('button').insertAdjacentHTML('afterend', ${JSON.stringify(markup)})</script>`,
  }))
}

test('logs in by popup, silently and by overlay on a page whose markup hides members of the document', async ({
  page,
  as,
  app,
}) => {
  serveAmong(app, images)
  await openApp(page, '/among.html')
  // The markup does hide them.
  expect(
    await page.evaluate(
      (all) =>
        all.filter(
          (name) =>
            name in document &&
            (document as unknown as Record<string, unknown>)[name] instanceof HTMLImageElement,
        ),
      names,
    ),
  ).toEqual(names.filter((name) => name !== 'location'))
  await createAuth(page, { redirectUri: 'callback.html' })
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  await page.evaluate(() => window.auth.logout({ local: true }))
  await click(page, () => window.auth.login({ mode: 'silent' }))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  // A window that the user closes is seen.
  const second = await popupOf(page, () => clickLogin(page, { prompt: 'login' }))
  await second.getByLabel('User name').waitFor()
  await second.close()
  expect((await outcome(page)).error).toMatchObject({ code: 'popup_closed' })
  expect((await state(page)).status).toBe('logged-in')
  expect(as.count('token')).toBe(2)
})

test('shows an overlay on a page whose markup hides members of the document', async ({ page, as, app }) => {
  void as
  app.route('/', () => ({
    body: `<!doctype html><title>App</title><button id="run">Run</button>
      ${['defaults', 'latchkey', 'app'].map((name) => `<script src="/${name}.js" type="module"></script>`).join('')}
      <script type="module">document.querySelector('button').insertAdjacentHTML('afterend', ${JSON.stringify(images)})</script>`,
  }))
  await openOverlay(page)
  await signInFramed(page)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
})

test('takes the attributes of its own script tag, and of no markup that has its name', async ({
  page,
  as,
  app,
  startAs,
}) => {
  const evil = await startAs()
  app.route('/latchkey.global.js', () => ({
    headers: { 'content-type': 'text/javascript; charset=utf-8' },
    body: readFileSync(findEntry('./latchkey.global.js'), 'utf8'),
  }))
  const attributes = (issuer: string) => `data-issuer="${issuer}" data-client-id="${as.clientId}"`
  const serve = (own: string, before: string) =>
    app.route('/tag.html', () => ({
      body: `<!doctype html><title>Tag</title>${before}
        <script>addEventListener('latchkey:state', () => (window.heard = true))</script>
        <script src="/latchkey.global.js" ${own}></script><login-button></login-button>`,
    }))
  const hiding = `<img name="currentScript" ${attributes(evil.issuer)}><img name="createElement"><img name="dispatchEvent"><form name="Latchkey"><input name="client"></form>`
  const logIn = async () => {
    const popup = await popupOf(page, () => page.getByRole('button', { name: 'Log in' }).click())
    await popup.waitForURL(`${as.origin}/**`)
    await popup.close()
  }
  serve(attributes(as.issuer), hiding)
  await page.goto('/tag.html')
  await logIn()
  // A tag without attributes makes no client, whatever stands beside it.
  serve('', hiding)
  await page.goto('/tag.html')
  expect(await page.evaluate('typeof Latchkey.client')).toBe('undefined')
  expect(evil.requests).toEqual([])
  // The control: the tag alone.
  serve(attributes(as.issuer), '')
  await page.goto('/tag.html')
  await logIn()
})
