import type { Page } from '@playwright/test'
import { click, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { decodePart } from '../../rig/id-token-tampering.js'
import { lengthenIdTokens } from '../../rig/long-id-tokens.js'
import { isSilent } from '../../rig/request-kinds.js'
import { startServerSession } from '../../rig/server-session.js'
import { renewToken, startSession } from '../../rig/token-calls.js'

test.use({ asOptions: { refreshTokens: false } })

/** The hint of each silent request, in the order of arrival. */
const hints = (as: TestAuthorizationServer) =>
  as.requests
    .filter((request) => ['authorize', 'pushed_authorization_request'].includes(request.endpoint))
    .filter((request) => !request.preflight && isSilent(request))
    .map(({ params }) => params['id_token_hint'])

/** Renews the token, and checks that it worked. */
async function expectRenewal(page: Page, as: TestAuthorizationServer): Promise<void> {
  expect(as.secrets).toContain((await renewToken(page)).value)
}

test('sends the ID token of the session as a hint with a silent renewal, even after a reload', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  await expectRenewal(page, as)
  await page.reload()
  await expectRenewal(page, as)
  const sent = hints(as)
  expect(sent).toHaveLength(2)
  for (const hint of sent) expect(decodePart(hint!, 1)).toMatchObject({ sub: 'alice', aud: as.clientId })
  // The second one is the ID token that the first renewal brought.
  expect(sent[1]).not.toBe(sent[0])
  expect(as.countEvents('grant.success', 'authorization_code')).toBe(3)
  expect(as.countEvents('authorization.error')).toBe(0)
})

test('sends no hint with a silent login, nor with a login by popup', async ({ page, app, as }) => {
  await startServerSession(page, as, app)
  await openApp(page)
  await createAuth(page)
  await click(page, () => window.auth.login({ mode: 'silent' }))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  await click(page, () => window.auth.login())
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  const asked = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
  expect(asked).toHaveLength(2)
  for (const { params } of asked) expect(params).not.toHaveProperty('id_token_hint')
})

test('stores nothing when the server says that another user is logged in there', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  await page.context().clearCookies()
  await startServerSession(page, as, app, { user: 'bob' })
  expect((await renewToken(page)).error).toMatchObject({ code: 'login_required' })
  expect([as.count('authorize', isSilent), as.count('token')]).toEqual([1, 0])
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
})

test('tries again without the hint when the server cannot verify it because its keys have changed', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  as.rotateKeys()
  await expectRenewal(page, as)
  expect(hints(as).map(Boolean)).toEqual([true, false])
  await expectRenewal(page, as)
  expect(hints(as).map(Boolean)).toEqual([true, false, true])
})

for (const par of [false, true]) {
  const title = par
    ? 'sends a long ID token ahead (PAR)'
    : 'leaves out an ID token that is too long for a URL'
  test(title, async ({ page, app, as }) => {
    lengthenIdTokens(as)
    await startSession(page, app, par ? { par } : {})
    await expectRenewal(page, as)
    const [hint] = hints(as)
    if (par) expect(hint!.length).toBeGreaterThan(4000)
    else expect(hint).toBe(undefined)
  })
}
