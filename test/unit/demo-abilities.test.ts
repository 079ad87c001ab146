import { describe, expect, test } from 'vitest'
import { buildOptions } from '../../demo/app/other-server.js'
import { describeAbilities, findLoginProblems } from '../../demo/describe-abilities.js'
import type { Examination, Finding } from '../../demo/examine-server.js'

const origin = 'http://localhost:5173'

const buildFindings = (levels: Record<string, Finding['level']>): Examination['findings'] =>
  Object.fromEntries(
    Object.entries(levels).map(([id, level]) => [id, { id, level, found: `${id} is ${level}` }]),
  )
const describeOne = (wanted: string, examination: Examination) =>
  describeAbilities(examination, undefined).find(({ id }) => id === wanted)!
const userInfoProblems = { bearer: undefined, dpop: undefined }

describe('pushed authorization requests that do not work', () => {
  const examine = (isRequired: boolean, id: 'par' | 'cors-par'): Examination => ({
    metadata: {
      issuer: origin,
      pushed_authorization_request_endpoint: `${origin}/par`,
      require_pushed_authorization_requests: isRequired,
    },
    findings: buildFindings({ par: 'green', 'cors-par': 'green', dpop: 'red', [id]: 'red' }),
    userInfoProblems,
  })

  test.each(['par', 'cors-par'] as const)('make the login fail if the server requires them: %s', (id) => {
    const examination = examine(true, id)
    expect(findLoginProblems(examination)).toMatchObject([{ id }])
    const { available, text } = describeOne('par', examination)
    expect(available).toBe(false)
    expect(text).toMatch(/is red\. Its metadata requires them.*the login will probably fail\.$/)
  })

  test.each(['par', 'cors-par'] as const)('are not used if the server only offers them: %s', (id) => {
    const examination = examine(false, id)
    expect(findLoginProblems(examination)).toEqual([])
    expect(describeOne('par', examination).text).toMatch(/The login request travels in the URL\.$/)
  })

  test('are left to the metadata: only `par: true` is an option of the client', () => {
    const build = (isBroken: boolean) => {
      const examination = examine(true, 'par')
      if (!isBroken) examination.findings = buildFindings({ par: 'green', 'cors-par': 'green' })
      const abilities = describeAbilities(examination, undefined)
      const server = { issuer: origin, clientId: 'spa', scope: 'openid', resource: undefined }
      return buildOptions({ ...server, discovery: 'oidc', abilities, problems: [] })
    }
    expect(build(true)).not.toHaveProperty('par')
    expect(build(false)).toMatchObject({ par: true })
  })
})

test('pushed authorization requests are not used where a page cannot send one with a DPoP proof, as at Keycloak', () => {
  const metadata = {
    issuer: origin,
    pushed_authorization_request_endpoint: `${origin}/par`,
    dpop_signing_alg_values_supported: ['ES256'],
  }
  const describePar = (dpop: Finding['level'], boundPushProblem?: string) => {
    const findings = buildFindings({ par: 'green', 'cors-par': 'green', dpop, 'cors-dpop': dpop })
    return describeOne('par', { metadata, findings, userInfoProblems, boundPushProblem })
  }
  expect(describePar('green', 'the preflight (OPTIONS) fails')).toMatchObject({
    available: false,
    text: 'The preflight (OPTIONS) fails. The login request travels in the URL.',
  })
  // The controls: another answer, and a client without DPoP.
  expect(describePar('green').available).toBe(true)
  expect(describePar('red', 'the preflight (OPTIONS) fails').available).toBe(true)
})

test('what the doctor has no row for is not checked, and not used', () => {
  const metadata = {
    issuer: origin,
    pushed_authorization_request_endpoint: `${origin}/par`,
    revocation_endpoint: `${origin}/revoke`,
    dpop_signing_alg_values_supported: ['ES256'],
  }
  for (const id of ['dpop', 'par', 'refresh', 'revocation'])
    expect(describeOne(id, { metadata, findings: {}, userInfoProblems })).toMatchObject({
      available: false,
      text: expect.stringMatching(/^Not checked\. /),
    })
})

test('userinfo needs the header DPoP only if tokens are bound to a key', () => {
  const metadata = {
    issuer: origin,
    userinfo_endpoint: `${origin}/me`,
    dpop_signing_alg_values_supported: ['ES256'],
  }
  const userInfoProblems = { bearer: undefined, dpop: 'the preflight does not allow the header dpop' }
  const judge = (level: Finding['level']) => {
    const findings = buildFindings({ dpop: 'green', 'cors-dpop': level })
    return describeOne('userinfo', { metadata, findings, userInfoProblems })
  }
  expect(judge('amber')).toMatchObject({ available: true })
  expect(judge('green')).toMatchObject({
    available: false,
    text: 'The preflight does not allow the header dpop. The page only has the claims of the ID token.',
  })
})
