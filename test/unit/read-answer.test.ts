import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createReader, type Exchange } from '../../src/protocol/read-answer.js'

// A real server, because a page cannot see what is still sent after the reader has stopped.
let close = () => {}
afterEach(() => close())

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = () => {
    server.closeAllConnections()
    server.close()
  }
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const read = (url: string, options: object = {}, exchange: Exchange = { secrets: [] }) =>
  createReader(fetch, exchange, 'the token endpoint', 'invalid_token_response')(url, options)

test('stops reading an endless response after 1 MB', async () => {
  let sent = 0
  let closed = (_: unknown) => {}
  const end = new Promise((resolve) => (closed = resolve))
  const url = await serve((_, response) => {
    const chunk = 'x'.repeat(65_536)
    const more = () => {
      sent += chunk.length
      response.write(chunk, () => response.destroyed || setImmediate(more))
    }
    response.on('close', closed)
    more()
  })
  await expect(read(url)).rejects.toMatchObject({
    name: 'AuthError',
    code: 'invalid_token_response',
    status: 200,
  })
  await end
  // This includes what the system has buffered.
  expect(sent).toBeLessThan(20_000_000)
})

test('reads a response of 1 MB', async () => {
  const text = 'ä'.repeat(500_000)
  const url = await serve((_, response) => response.end(text))
  expect(await (await read(url)).text()).toBe(text)
})

test('returns an empty response as is', async () => {
  const url = await serve((_, response) => response.writeHead(204).end())
  const response = await read(url)
  expect([response.status, await response.text()]).toEqual([204, ''])
})

test('records the secrets that are sent, and nothing else', async () => {
  const url = await serve((_, response) => response.end('{}'))
  const exchange: Exchange = { secrets: [] }
  const parameters = {
    client_id: 'spa',
    redirect_uri: 'https://app.example/callback.html',
    grant_type: 'authorization_code',
    scope: 'openid',
    resource: 'https://api.example',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    code: 'c',
    code_verifier: 'v',
    refresh_token: 'r',
    subject_token: 's',
    actor_token: 'a',
    token: 't',
    assertion: 'x',
    state: 'z',
    nonce: 'n',
  }
  const headers = { authorization: 'DPoP access', dpop: 'proof', accept: 'application/json' }
  await read(url, { method: 'POST', body: new URLSearchParams(parameters), headers }, exchange)
  expect(exchange.secrets.sort()).toEqual(['a', 'access', 'c', 'n', 'proof', 'r', 's', 't', 'v', 'x', 'z'])
})

test('sends no additional headers', async () => {
  let seen: IncomingHttpHeaders = {}
  const url = await serve(({ headers }, response) => {
    seen = headers
    response.end()
  })
  await read(url, { headers: { 'user-agent': 'oauth4webapi/v3', accept: 'application/json' } })
  expect(seen).toMatchObject({ accept: 'application/json' })
  expect(seen['user-agent']).not.toContain('oauth4webapi')
})
