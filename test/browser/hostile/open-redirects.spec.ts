import { clickLogin, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'

/** Ways to write a URL of `evil` so that a careless check takes it for a path or an own URL. `host` is that of the app. */
const disguises = (evil: string, host: string): string[] => {
  const { host: target } = new URL(evil)
  return [
    evil,
    ` ${evil}`,
    `\t${evil}`,
    `\0${evil}`,
    evil.toUpperCase(),
    `//${target}/`,
    `///${target}/`,
    `////${target}/`,
    `/\t/${target}/`,
    `/\n/${target}/`,
    `\\\\${target}/`,
    `/\\${target}/`,
    `\\/${target}/`,
    `/\\/${target}/`,
    `http:\\\\${target}/`,
    `ht\ntp://${target}/`,
    `http://${host}@${target}/`,
    `http://${host}%40${target}/`,
    `http://${host}:80@${target}/`,
    `http://${host}\\@${target}/`,
    `http://${target}#@${host}/`,
    `http://${target}?@${host}/`,
    `http://${target}\\.${host}/`,
    `//${target.replaceAll('.', '。')}/`,
    `//${target.replaceAll('.', '%2e')}/`,
    `https://${host}/`,
    `http://${host}.evil.localhost/`,
    `http://evil-${host}/`,
    'javascript:document.title="ran"',
    ' javascript:document.title="ran"',
    'java\nscript:document.title="ran"',
    'JaVaScRiPt:document.title="ran"',
    'data:text/html,<title>ran</title>',
    'about:blank',
    `blob:http://${host}/x`,
    `view-source:http://${host}/`,
    'file:///etc/passwd',
  ]
}

test('returns to another origin by no encoding of "returnTo"', async ({ page, as, app, startApp }) => {
  test.slow()
  const evil = await startApp({ host: '127.0.0.1' })
  await openApp(page)
  await createAuth(page, { mode: 'redirect' })
  const { host } = new URL(app.origin)
  for (const returnTo of disguises(`${evil.origin}/`, host)) {
    // As the browser would follow it: what stays on this origin is not an attack.
    const leadsTo = await page.evaluate((url) => {
      const link = Object.assign(document.createElement('a'), { href: url })
      return link.protocol === 'http:' ? `http://${link.host}` : link.protocol
    }, returnTo)
    if (leadsTo === app.origin) continue
    await clickLogin(page, { returnTo })
    expect((await outcome(page)).error, JSON.stringify(returnTo)).toMatchObject({ name: 'TypeError' })
  }
  expect([as.count('authorize'), evil.requests.length]).toEqual([0, 0])
  // The control: a page of this origin, and one that only looks like another.
  await clickLogin(page, { returnTo: '/%2f%2fevil.example' })
  await page.waitForURL(`${as.origin}/interaction/*`)
})

test('leaves the callback page for another origin by no encoding of what is stored', async ({
  page,
  as,
  app,
  startApp,
}) => {
  void as
  test.slow()
  const evil = await startApp({ host: '127.0.0.1' })
  app.route('/welcome', () => ({ body: '<!doctype html><title>Welcome</title>' }))
  const { host } = new URL(app.origin)
  const land = async (returnTo: string) => {
    await openApp(page, '/callback.js')
    await page.evaluate(
      (stored) => sessionStorage.setItem('latchkey:r.x', stored),
      JSON.stringify({ state: 'r.x', returnTo }),
    )
    await openApp(page, '/callback.html#code=secret&state=r.x')
    // Its script has run when the response is gone from the URL.
    await expect.poll(() => page.evaluate(() => location.href).catch(() => 'code')).not.toContain('code')
  }
  for (const returnTo of disguises(`${evil.origin}/`, host)) {
    await land(returnTo)
    expect(new URL(page.url()).origin, JSON.stringify(returnTo)).toBe(app.origin)
    expect(await page.title()).not.toBe('ran')
  }
  expect(evil.requests).toEqual([])
  // The control: it does leave for a page of its own.
  await land('/welcome')
  await expect(page).toHaveTitle('Welcome')
})
