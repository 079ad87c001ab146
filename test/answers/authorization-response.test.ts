import { describe } from 'vitest'
import { openNodeClient } from '../rig/node-client.js'
import type { TamperAuthorizationResponse } from '../rig/tampering.js'
import { expect, test } from './fixtures.js'
import { expectLogin, expectRefusal } from './refusals.js'

/** A response that is not what the server sent. */
interface Case {
  title: string
  change: TamperAuthorizationResponse
  /** The parameter that the error names. */
  claim?: string
}

/** Sets parameters of a response; `undefined` takes one away. */
function withParams(change: Record<string, string | undefined>): TamperAuthorizationResponse {
  return (params) => {
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) params.delete(name)
      else params.set(name, value)
    }
    return params
  }
}

/** Gives a parameter twice. */
function twice(name: string, value?: string): TamperAuthorizationResponse {
  return (params) => {
    params.append(name, value ?? params.get(name)!)
    return params
  }
}

const modes = ['web_message', 'fragment', 'query'] as const

const wrongIssuers: Case[] = [
  { title: 'another issuer', change: withParams({ iss: 'https://evil.example' }) },
  {
    title: 'an issuer that differs in a trailing slash',
    change: (params) => withParams({ iss: `${params.get('iss')}/` })(params) as URLSearchParams,
  },
  { title: 'no issuer although the metadata promises one', change: withParams({ iss: undefined }) },
]

const otherWrongParams: Case[] = [
  {
    title: 'the state of another login',
    change: withParams({ state: `p.${'s'.repeat(43)}` }),
    claim: 'state',
  },
  { title: 'no code', change: withParams({ code: undefined }), claim: 'code' },
  {
    title: 'tokens',
    change: withParams({ access_token: 'a'.repeat(43), token_type: 'bearer', id_token: 'a.b.c' }),
  },
]

const duplicates: Case[] = [
  { title: 'the same code twice', claim: 'code', change: twice('code') },
  { title: 'a second code', claim: 'code', change: twice('code', 'c'.repeat(43)) },
  { title: 'the same state twice', claim: 'state', change: twice('state') },
  { title: 'a second state', claim: 'state', change: twice('state', `p.${'s'.repeat(43)}`) },
  { title: 'the same issuer twice', claim: 'iss', change: twice('iss') },
  {
    title: 'two errors',
    claim: 'error',
    change: (params) => {
      params.append('error', 'access_denied')
      return twice('error')(params)
    },
  },
]

describe.each(modes)('by %s', (responseMode) => {
  for (const { title, change } of wrongIssuers)
    test(`rejects a response with ${title}`, async ({ as }) => {
      const client = await openNodeClient(as, { responseMode })
      const stop = as.tamperAuthorizationResponse(change)
      expect(await expectRefusal(as, client)).toMatchObject({
        code: 'invalid_response',
        cause: { claim: 'iss' },
      })
      expect(as.countEvents('authorization.success')).toBe(1)
      expect(as.count('token')).toBe(0)
      stop()
      await expectLogin(client)
    })

  for (const { title, change } of wrongIssuers)
    test(`rejects an error with ${title}`, async ({ as }) => {
      const client = await openNodeClient(as, { responseMode })
      const stop = as.tamperAuthorizationResponse((params) => {
        params.delete('code')
        params.set('error', 'access_denied')
        return change(params)
      })
      expect(await expectRefusal(as, client)).toMatchObject({
        code: 'invalid_response',
        cause: { claim: 'iss' },
      })
      expect(as.count('token')).toBe(0)
      stop()
      await expectLogin(client)
    })
})

// A web message is an object, and no parameter is there twice; one for another state is nobody's, and is never judged.
describe.each(['fragment', 'query'] as const)('by %s', (responseMode) => {
  for (const { title, change, claim } of [...duplicates, ...otherWrongParams])
    test(`rejects a response with ${title}`, async ({ as }) => {
      const client = await openNodeClient(as, { responseMode })
      const stop = as.tamperAuthorizationResponse(change)
      const error = await expectRefusal(as, client)
      expect(error.code).toBe('invalid_response')
      if (claim) expect(error.cause?.claim).toBe(claim)
      expect(as.count('token')).toBe(0)
      stop()
      await expectLogin(client)
    })
})

describe('if the metadata promises no issuer', () => {
  test.override({ asOptions: { sendIss: false } })

  test.for(modes)('accepts a response without an issuer by %s', async (responseMode, { as }) => {
    const client = await openNodeClient(as, { responseMode })
    await expectLogin(client)
    expect(as.count('token')).toBe(1)
  })

  test.for(modes)('rejects a response with another issuer by %s', async (responseMode, { as }) => {
    const client = await openNodeClient(as, { responseMode })
    const stop = as.tamperAuthorizationResponse(withParams({ iss: 'https://evil.example' }))
    expect(await expectRefusal(as, client)).toMatchObject({
      code: 'invalid_response',
      cause: { claim: 'iss' },
    })
    expect(as.count('token')).toBe(0)
    stop()
    await expectLogin(client)
  })
})
