import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { exchangeOnBehalfOf } from '../../demo/services/on-behalf-of.js'

/** A response as Microsoft documents it for the on-behalf-of flow; not captured from Entra ID. */
const documented = {
  token_type: 'Bearer',
  scope: 'https://graph.microsoft.com/User.Read',
  expires_in: 3269,
  ext_expires_in: 0,
  access_token: 'access-token-for-graph',
}
/** A refusal, with the fields that Entra ID's error responses have according to the documentation. */
const documentedRefusal = {
  error: 'interaction_required',
  error_description: 'AADSTS50079: the user must use multifactor authentication',
  error_codes: [50079],
  timestamp: '2026-11-29 04:00:00Z',
  claims: '{"access_token":{"polids":{"essential":true,"values":["1"]}}}',
}

/** Starts a server that answers as documented, and records what it receives. */
async function startDocumented(status: number, answer: object) {
  const sent: { url: string; authorization: string | undefined; form: Record<string, string> }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    response.setHeader('content-type', 'application/json')
    if (request.method === 'GET')
      return response.end(JSON.stringify({ issuer, token_endpoint: `${origin}/tenant/oauth2/v2.0/token` }))
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
    sent.push({ url: request.url!, authorization: request.headers.authorization, form })
    return response.writeHead(status).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const issuer = `${origin}/tenant/v2.0`
  return { issuer, sent, close: () => server.close() }
}

const scope = 'https://graph.microsoft.com/User.Read'

test('sends the request of the on-behalf-of flow, and accepts the documented response', async () => {
  const { issuer, sent, close } = await startDocumented(200, documented)
  const credentials = { issuer, clientId: 'orders-service', clientSecret: 'a-secret' }
  expect(await exchangeOnBehalfOf(credentials, 'incoming-token', scope)).toBe('access-token-for-graph')
  expect(sent).toEqual([
    {
      url: '/tenant/oauth2/v2.0/token',
      authorization: undefined,
      form: {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        client_id: 'orders-service',
        client_secret: 'a-secret',
        assertion: 'incoming-token',
        scope,
        requested_token_use: 'on_behalf_of',
      },
    },
  ])
  close()
})

test('passes the documented refusal on, with the claims that the app must request', async () => {
  const { issuer, close } = await startDocumented(400, documentedRefusal)
  const credentials = { issuer, clientId: 'orders-service', clientSecret: 'a-secret' }
  await expect(exchangeOnBehalfOf(credentials, 'incoming-token', scope)).rejects.toMatchObject({
    error: 'interaction_required',
    cause: { claims: documentedRefusal.claims },
  })
  close()
})
