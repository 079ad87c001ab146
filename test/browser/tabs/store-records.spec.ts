import { state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { copyThroughJson, damageSession, readRecords, type Damage } from '../../rig/stored-records.js'
import { getToken, openTab, startSession } from '../../rig/token-calls.js'

const damages: Damage[] = [
  'sealed with another key',
  'damaged by one bit',
  'text instead of sealed bytes',
  'no record at all but text',
  'of an unknown version',
]

for (const damage of damages) {
  test(`treats a record as absent, but does not delete it, when it is ${damage}`, async ({
    page,
    app,
    as,
  }) => {
    await startSession(page, app)
    const intact = await readRecords(page)
    await damageSession(page, damage)
    const damaged = await readRecords(page)
    expect(Object.keys(damaged).sort()).toEqual(Object.keys(intact).sort())
    if (damage !== 'sealed with another key') expect(damaged).not.toEqual(intact)
    const { length } = as.requests

    await page.reload()
    expect(await page.evaluate(async () => window.describe(await window.auth.ready()))).toEqual({
      status: 'logged-out',
    })
    expect((await getToken(page)).error).toMatchObject({ name: 'AuthError', code: 'login_required' })
    expect(as.requests).toHaveLength(length)
    expect(await readRecords(page)).toEqual(damaged)

    // A login takes its place, and is found again.
    await page.context().clearCookies()
    expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in' })
    expect(await state(await openTab(page))).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    expect(await page.evaluate(() => window.authEvents)).toEqual([])
  })
}

test('stores sessions again after a JSON copy of the database has lost the keys', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const name = `session ${as.issuer} ${as.clientId}`
  expect((await readRecords(page))[name]).toMatchObject({ sealed: { key: 'CryptoKey' } })
  await copyThroughJson(page, 'session')
  expect((await readRecords(page))[name]).toMatchObject({ sealed: { key: {} } })
  await page.reload()
  expect(await page.evaluate(async () => window.describe(await window.auth.ready()))).toEqual({
    status: 'logged-out',
  })
  await page.context().clearCookies()
  expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in' })
  expect((await readRecords(page))[name]).toMatchObject({ sealed: { key: 'CryptoKey' } })
  expect(await state(await openTab(page))).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect(await page.evaluate(() => window.authEvents)).toEqual([])
})
