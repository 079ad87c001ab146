import { describe } from 'vitest'
import { publishMetadata } from '../rig/published-metadata.js'
import { expect, test } from './fixtures.js'
import { expectLogin, getRejection } from './refusals.js'

const fields = [
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
  'pushed_authorization_request_endpoint',
  'revocation_endpoint',
  'end_session_endpoint',
]

const values = [
  { title: 'a script', value: 'javascript:(opener ?? window).pwned = true' },
  { title: 'http: on another host', value: 'http://id.example.com/endpoint' },
  { title: 'not a URL', value: '/endpoint' },
]

for (const { title, value } of values)
  describe(`metadata with an endpoint that is ${title}`, () => {
    test.for(fields)('are rejected for "%s", and nobody is sent there', async (field, { as, client }) => {
      const fault = await publishMetadata(as, { [field]: value })
      const error = await getRejection(as, client.authorize())
      expect(error).toMatchObject({ code: 'discovery_failed', cause: { claim: field } })
      expect(as.requests.every(({ endpoint }) => endpoint === 'metadata')).toBe(true)
      fault.end()
      await expectLogin(client)
    })
  })
