import { clickLogin, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import type { JsonObject } from '../../rig/id-token-tampering.js'
import { expectFirstLogin, expectLogin, expectRefusal } from '../../rig/log-in-twice.js'
import { readMetadata } from '../../rig/published-metadata.js'
import { getUserInfo } from '../../rig/userinfo-calls.js'

/** JSON with so many levels that what copies it overflows. */
const nest = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const deep = nest(150_000)
/** A few levels more than anything needs. */
const allowed = nest(50)
const large = 'x'.repeat(1_000_000)

/** Adds a member, as it is written, to some JSON. */
const add = (json: object, member: string, value: string) =>
  `${JSON.stringify(json).slice(0, -1)},"${member}":${value}}`

/** Adds a member to token answers, as text: an encoder of JSON would overflow. */
function addToTokenAnswers(as: TestAuthorizationServer, value: string): () => void {
  return as.tamperTokenResponse((json) => add(json, 'more', value) as unknown as JsonObject)
}

for (const [name, member, message] of [
  ['nested too deeply', deep, 'nested too deeply'],
  ['larger than 1 MB', JSON.stringify(large), 'more than 1 MB'],
] as const) {
  test(`refuses metadata that are ${name}, and keeps none of it`, async ({ page, as }) => {
    const metadata = await readMetadata(as)
    const fault = as.fault('metadata', {
      body: add(metadata, 'more', member),
      contentType: 'application/json',
    })
    await openApp(page)
    await createAuth(page)
    await clickLogin(page)
    const { error } = await outcome(page)
    expect(error).toMatchObject({ name: 'AuthError', code: 'discovery_failed' })
    expect(error!.message).toContain(message)
    fault.end()
    await page.reload()
    await createAuth(page)
    await expectFirstLogin(page)
  })

  test(`refuses a token answer that is ${name}`, async ({ page, as }) => {
    await openApp(page)
    await createAuth(page)
    const stop = addToTokenAnswers(as, member)
    const error = await expectRefusal(page)
    expect(error).toMatchObject({ name: 'AuthError', code: 'invalid_token_response' })
    expect(error.message).toContain(message)
    stop()
    // What every server may send is accepted.
    addToTokenAnswers(as, allowed)
    await expectLogin(page)
  })

  test(`refuses keys that are ${name}`, async ({ page, as }) => {
    const keys = (await (await fetch(`${as.issuer}/jwks`)).json()) as object
    const fault = as.fault('jwks', { body: add(keys, 'more', member), contentType: 'application/json' })
    await openApp(page)
    await createAuth(page)
    const error = await expectRefusal(page)
    expect(error).toMatchObject({ name: 'AuthError', code: 'discovery_failed' })
    expect(error.message).toContain(message)
    fault.end()
    await expectLogin(page)
  })
}

test('refuses claims that are nested too deeply, of an ID token and of userinfo', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const stop = as.tamperIdToken((claims) => ({
    claims: { ...claims, groups: JSON.parse(nest(500)) as object },
  }))
  expect(await expectRefusal(page)).toMatchObject({ code: 'invalid_id_token', cause: { claim: 'claims' } })
  stop()
  as.tamperIdToken((claims) => ({ claims: { ...claims, groups: JSON.parse(allowed) as object } }))
  await expectLogin(page)
  const body = (levels: string) => ({
    body: `{"sub":"alice","groups":${levels}}`,
    contentType: 'application/json',
  })
  const fault = as.fault('userinfo', body(deep))
  expect((await getUserInfo(page)).error).toMatchObject({ name: 'AuthError', code: 'invalid_response' })
  fault.end()
  as.fault('userinfo', body(allowed))
  expect((await getUserInfo(page)).value).toMatchObject({ sub: 'alice' })
})
