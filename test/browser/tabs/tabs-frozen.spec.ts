import type { Browser } from '@playwright/test'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { openDevtools, type Target } from '../../soak/devtools.js'

test.skip(({ browserName }) => browserName === 'firefox', 'BiDi has no way to freeze a page')

const freeze = (tab: Target) => tab.send('Page.setWebLifecycleState', { state: 'frozen' })
const thaw = (tab: Target) => tab.send('Page.setWebLifecycleState', { state: 'active' })
const getUser = (tab: Target) => tab.evaluate('auth.getUser()?.sub')
const getToken = (tab: Target, options = {}) =>
  tab.evaluate<string>(`auth.getToken(${JSON.stringify(options)}).catch(({ code }) => code)`)

/** Opens two tabs that Playwright does not know of, which could not be frozen otherwise, and logs in. */
async function openTabs(browser: Browser, app: AppServer, as: TestAuthorizationServer) {
  const devtools = await openDevtools(browser)
  const contextId = await devtools.createContext()
  // The second tab waits for the first one for as long as its own requests may take.
  app.authAtLoad = { timeouts: { request: 1000, iframe: 5000 } }
  const open = async () => {
    const tab = await devtools.open(contextId, () => {})
    await tab.send('Page.navigate', { url: `${app.origin}/` })
    await expect.poll(() => tab.evaluate('typeof window.auth').catch(() => '')).toBe('object')
    return tab
  }
  const stop = as.tamperTokenResponse((json) => ({ ...json, expires_in: 0 }))
  const first = await open()
  await first.evaluate('void auth.login()')
  await expect.poll(async () => !!(await devtools.findPopup(first))).toBe(true)
  const popup = (await devtools.findPopup(first))!
  const signIn = `(() => {
    const form = document.querySelector('[name=password]')?.form
    if (!form) return false
    form.login.value = 'alice'
    form.password.value = 'secret'
    form.requestSubmit()
    return true
  })()`
  await expect.poll(() => popup.evaluate(signIn).catch(() => false)).toBe(true)
  await expect.poll(() => getUser(first)).toBe('alice')
  stop()
  const second = await open()
  await expect.poll(() => getUser(second)).toBe('alice')
  return { first, second, close: () => devtools.disposeContext(contextId) }
}

test('a tab that is frozen while it waits for the response to a refresh neither blocks the other tab nor ends the session', async ({
  browser,
  app,
  as,
}) => {
  test.slow()
  const { first, second, close } = await openTabs(browser, app, as)
  const fault = as.fault('token', { hang: true, afterProcessing: true, times: 1, when: isRefresh })
  await first.evaluate('void (window.pending = auth.getToken().catch(({ code }) => code))')
  await fault.hit
  await freeze(first)
  fault.release()
  // The refresh token was replaced, and the only one who is told is frozen.
  const token = await getToken(second)
  expect(as.secrets).toContain(token)
  expect([as.count('token', isRefresh), as.count('authorize', isSilent)]).toEqual([1, 1])

  await thaw(first)
  expect(await first.evaluate('pending')).toBe(token)
  for (const tab of [first, second, first]) {
    const renewed = await getToken(tab, { minValidity: 1_000_000 })
    expect(as.secrets).toContain(renewed)
    for (const each of [first, second]) await expect.poll(() => getToken(each)).toBe(renewed)
  }
  expect(as.countEvents('grant.error')).toBe(0)
  await close()
})

test('a tab that was frozen during a logout and the renewals before it shows the logout when it thaws', async ({
  browser,
  app,
  as,
}) => {
  const { first, second, close } = await openTabs(browser, app, as)
  await freeze(first)
  expect(as.secrets).toContain(await getToken(second))
  await second.evaluate('auth.logout({ local: true }).then(() => {})')
  await thaw(first)
  await expect.poll(() => first.evaluate('auth.getState().reason')).toBe('logout')
  expect(await getToken(first)).toBe('login_required')
  expect(as.count('token', isRefresh)).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
  await close()
})
