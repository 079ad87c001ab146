import { requestFigures, transactionFigures } from '../../figures/request-figures.js'
import { clickLogin, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { countRequests } from '../../rig/count-requests.js'
import { countTransactions } from '../../rig/count-transactions.js'
import { expect, test } from '../../rig/fixtures.js'
import { logInByPopup, signIn } from '../../rig/sign-in.js'
import { startAgingSession } from '../../rig/token-calls.js'

test('a popup login takes three transactions in a new browser, and two in one that knows the server', async ({
  page,
  as,
}) => {
  const transactions = await countTransactions(page)
  await openApp(page)
  await createAuth(page)
  await page.evaluate(() => window.auth.ready())
  await transactions.expectCount(transactionFigures.reload)
  await logInByPopup(page)
  await transactions.expectCount(transactionFigures.coldLogin)
  expect(countRequests(as)).toEqual(requestFigures.coldLogin)
  await page.evaluate(() => window.auth.logout({ local: true, revoke: false }))
  await page.reload()
  await createAuth(page)
  await page.evaluate(() => window.auth.ready())
  // The logout is written, and the page that is loaded reads it.
  await transactions.expectCount(1 + transactionFigures.reload)
  const before = as.requests.length
  await clickLogin(page)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  await transactions.expectCount(transactionFigures.warmLogin)
  expect(countRequests(as, before)).toEqual(requestFigures.warmLogin)
})

test('a page that a redirect login comes back to takes three transactions, and two when it knows the keys', async ({
  page,
  as,
  app,
}) => {
  const transactions = await countTransactions(page)
  app.authAtLoad = {}
  await openApp(page)
  await page.evaluate(() => window.auth.ready())
  await transactions.expectCount(transactionFigures.reload)
  for (const figure of ['coldRedirectCallback', 'warmRedirectCallback'] as const) {
    await clickLogin(page, { mode: 'redirect' })
    if (figure === 'coldRedirectCallback') {
      await page.waitForURL(`${as.origin}/interaction/*`)
      await signIn(page)
    }
    await page.waitForURL(`${app.origin}/`)
    const authorized = as.requests.findLastIndex(({ endpoint }) => endpoint === 'authorize')
    await page.waitForFunction(() => window.auth as unknown)
    expect(await page.evaluate(async () => (await window.auth.ready()).status)).toBe('logged-in')
    // The page that left has stored the metadata, where they were new.
    const left = figure === 'coldRedirectCallback' ? 1 : 0
    await transactions.expectCount(left + transactionFigures[figure])
    expect(countRequests(as, authorized + 1)).toEqual(requestFigures[figure])
    await page.evaluate(() => window.auth.logout({ local: true, revoke: false }))
    await transactions.expectCount(1)
  }
})

test('a reload reads the store once, and a cached token takes nothing from it', async ({ page, as: _ }) => {
  const transactions = await countTransactions(page)
  await openApp(page)
  await createAuth(page)
  await logInByPopup(page)
  await transactions.expectCount(transactionFigures.reload + transactionFigures.coldLogin)
  await page.reload()
  await createAuth(page)
  expect(await page.evaluate(() => window.auth.getToken())).toBeTruthy()
  await transactions.expectCount(transactionFigures.reload)
  expect(await page.evaluate(() => window.auth.getToken())).toBeTruthy()
  await transactions.expectCount(transactionFigures.cachedToken)
})

for (const reloads of [false, true])
  test(`a renewal with the refresh token takes two transactions${reloads ? ' after a reload' : ''}`, async ({
    page,
    app,
    as,
  }) => {
    const transactions = await countTransactions(page)
    await startAgingSession(page, app, as)
    await transactions.expectCount(transactionFigures.reload + transactionFigures.coldLogin)
    if (reloads) {
      await page.reload()
      await page.evaluate(() => window.auth.ready())
      await transactions.expectCount(transactionFigures.reload)
    }
    const before = as.requests.length
    await page.evaluate(() => window.auth.getToken())
    await transactions.expectCount(transactionFigures.refresh)
    expect(countRequests(as, before)).toEqual(requestFigures.refresh)
  })
