import { clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { publishMetadata } from '../../rig/published-metadata.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'
import { renewToken } from '../../rig/token-calls.js'

const [own, other] = ['3f2504e0-4f89-41d3-9a0c-0305e82c3301', '72f988bf-86f1-41af-91ab-2d7cd011db47']

test.use({ asOptions: { sendIss: false } })

// What is accepted and refused is in test/answers/tenants.test.ts. This shows that the option arrives there.
for (const vault of [undefined, 'worker'] as const)
  test(`logs in users of the tenants that are allowed, with the vault in a ${vault ?? 'page'}`, async ({
    page,
    as,
  }) => {
    const issuer = `${as.issuer}/{tenantid}/v2.0`
    await publishMetadata(as, { issuer })
    await openApp(page)
    await createAuth(page, { issuer, tenants: [own], ...(vault && { vault }) })
    const issueAs = (tid: string) =>
      as.tamperIdToken((claims) => ({ claims: { ...claims, tid, iss: issuer.replace('{tenantid}', tid) } }))
    issueAs(other)
    await signIn(await popupOf(page, () => clickLogin(page)))
    expect((await outcome(page)).error).toMatchObject({ code: 'invalid_id_token', cause: { claim: 'tid' } })
    expect(await state(page)).toMatchObject({ status: 'logged-out' })
    issueAs(own)
    const { user } = (await logInByPopup(page, { prompt: 'login' })) as { user: object }
    expect(user).toMatchObject({ sub: 'alice', tid: own })
    expect((await renewToken(page)).value).toBeTruthy()
  })
