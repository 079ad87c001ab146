import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { buildOptions } from '../../demo/app/other-server.js'
import { examineServer } from '../../demo/examine-server.js'
import { findFreePort } from '../../demo/free-port.js'
import { readMetadata } from '../../demo/read-metadata.js'
import { startForServer } from '../../demo/start-for-server.js'

const oidc = '/.well-known/openid-configuration'
const oauth2 = '/.well-known/oauth-authorization-server'
const origin = 'http://localhost:5173'
const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

type Respond = (request: IncomingMessage, response: ServerResponse) => void

/** Starts a server. A request that `respond` does not answer stays open. */
async function startServer(respond: (own: string) => Respond): Promise<{ own: string; server: Server }> {
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo
    respond(`http://localhost:${port}`)(request, response)
  }).listen(0, 'localhost')
  servers.push(server)
  await once(server, 'listening')
  return { own: `http://localhost:${(server.address() as AddressInfo).port}`, server }
}

const sendJson = (response: ServerResponse, body: object) =>
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
const refuse = (response: ServerResponse) => response.writeHead(404).end()
const buildMetadata = (own: string, more: object = {}) => ({
  issuer: own,
  authorization_endpoint: `${own}/auth`,
  token_endpoint: `${own}/token`,
  jwks_uri: `${own}/keys`,
  ...more,
})

/** Starts a server that has nothing but metadata. */
const publish = (more: object, place = oidc) =>
  startServer((own) => ({ url }, response) => {
    return url === place ? sendJson(response, buildMetadata(own, more)) : refuse(response)
  })

async function startApp(issuer: string) {
  const port = await findFreePort(5940)
  const app = await startForServer({ issuer, clientId: 'spa', scope: 'openid', port })
  const { headers } = await fetch(app.url)
  await app.close()
  return { ...app, policy: headers.get('content-security-policy') ?? '' }
}

describe('the metadata of another server', () => {
  test.each([
    ['oidc', oidc],
    ['oauth2', oauth2],
  ] as const)('is read by the app from where it was: %s', async (discovery, place) => {
    const { own } = await publish({}, place)
    const found = await readMetadata(own)
    expect(found).toEqual({ discovery, metadata: buildMetadata(own) })
    const server = { issuer: own, clientId: 'spa', scope: 'openid', resource: undefined, discovery }
    expect(buildOptions({ ...server, abilities: [], problems: [] })).toMatchObject({ discovery })
  })

  test('is not read behind a redirect, as in the app', async () => {
    const { own } = await startServer((issuer) => ({ url }, response) => {
      if (url === oidc) return response.writeHead(302, { location: '/metadata' }).end()
      return url === '/metadata' ? sendJson(response, buildMetadata(issuer)) : refuse(response)
    })
    await expect(startApp(own)).rejects.toThrow(
      `${oidc}: HTTP 302: a redirect to /metadata, which is not followed`,
    )
  })

  test('may have endpoints that are no URLs, and hosts that would change the policy of the page', async () => {
    const { own } = await publish({
      registration_endpoint: null,
      introspection_endpoint: 'introspect',
      userinfo_endpoint: 'me',
      device_authorization_endpoint: 'https://a;sandbox/',
      backchannel_authentication_endpoint: 'https://b,sandbox/',
      some_endpoint: 'javascript:alert(1)',
      end_session_endpoint: 'https://logout.example.com:8443/end',
    })
    const { policy } = await startApp(own)
    expect(policy).toContain(
      `; connect-src ${own} https://logout.example.com:8443; frame-src 'self' ${own}; `,
    )
    expect(policy).not.toMatch(/sandbox|null/)
  })

  test('cannot control the terminal', async () => {
    const { own } = await publish({ response_types_supported: ['\u001B[31mred\u009B2J'] })
    const { problems } = await startApp(own)
    expect(problems).toContainEqual(expect.objectContaining({ found: 'response types:  [31mred 2J' }))
    const other = await publish({ issuer: 'https://other.example.com/\u009B2J' })
    await expect(startApp(other.own)).rejects.toThrow('names another issuer, "https://other.example.com/ 2J"')
  })
})

describe('the userinfo endpoint of another server', () => {
  const preflights: [allowed: string, problems: { bearer?: string; dpop?: string }][] = [
    ['Authorization, DPoP', {}],
    ['authorization', { dpop: 'does not allow the header dpop' }],
    // The wildcard does not cover Authorization (Fetch, CORS-preflight fetch).
    ['*', { bearer: 'the header authorization', dpop: 'the header authorization' }],
  ]
  const examine = (own: string, metadata: object, timeout?: number) =>
    examineServer(
      buildMetadata(own, metadata),
      { issuer: own, clientId: 'spa' },
      { origin, ...(timeout && { timeout }) },
    )

  test.each(preflights)('is judged as browsers do, with allowed headers %s', async (allowed, problems) => {
    const { own } = await startServer(
      () => (_request, response) =>
        response
          .writeHead(204, { 'access-control-allow-origin': origin, 'access-control-allow-headers': allowed })
          .end(),
    )
    const { userInfoProblems } = await examine(own, { userinfo_endpoint: `${own}/me` })
    const expected = (text: string | undefined) => text && expect.stringContaining(text)
    expect(userInfoProblems).toEqual({ bearer: expected(problems.bearer), dpop: expected(problems.dpop) })
  })

  test('is not for pages if its preflight is redirected', async () => {
    const { own } = await startServer(
      () => (_request, response) =>
        response.writeHead(307, { 'access-control-allow-origin': '*', location: '/elsewhere' }).end(),
    )
    const { userInfoProblems } = await examine(own, { userinfo_endpoint: `${own}/me` })
    expect(userInfoProblems.bearer).toContain('answers with a redirect (307), which is not followed')
  })

  test('is given up if it does not answer in time', async () => {
    const { own } = await startServer(
      () =>
        ({ url }, response) =>
          url === '/me' || refuse(response),
    )
    const { userInfoProblems } = await examine(own, { userinfo_endpoint: `${own}/me` }, 1)
    expect(userInfoProblems.bearer).toMatch(/gave no answer within 1 s$/)
  })
})

describe.skipIf(process.platform === 'win32')('a signal during startup', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))

  test.each([
    ['the metadata', (request: IncomingMessage) => request.url === oidc],
    ['the keys, for which the doctor asks', ({ url }: IncomingMessage) => url === '/keys'],
    ['the preflight of userinfo', ({ method }: IncomingMessage) => method === 'OPTIONS'],
  ])(
    'stops the demo while the server does not answer: %s',
    async (_name, isSilent) => {
      let hit = () => {}
      const asked = new Promise<void>((resolve) => (hit = resolve))
      const { own, server } = await startServer((issuer) => (request, response) => {
        if (isSilent(request)) return hit()
        if (request.url !== oidc) return refuse(response)
        return sendJson(response, buildMetadata(issuer, { userinfo_endpoint: `${issuer}/me` }))
      })
      const port = String(await findFreePort(5940))
      const args = ['--issuer', own, '--client-id', 'spa', '--port', port]
      const demo = spawn(process.execPath, ['--import', 'tsx', 'demo/main.ts', ...args], { cwd: root })
      try {
        const exited = once(demo, 'exit')
        await asked
        demo.kill('SIGTERM')
        expect(await exited).toEqual([0, null])
        // Closed once nobody waits for an answer: neither the demo nor the doctor, which is a process of its own.
        await once(server.close(), 'close')
      } finally {
        demo.kill()
      }
    },
    60_000,
  )
})
