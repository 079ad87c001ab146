import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseArguments } from '../../demo/arguments.mjs'
import { findFreePort } from '../../demo/free-port.js'
import { startForServer } from '../../demo/start-for-server.js'

const issuer = 'https://id.example.com'
const both = ['--issuer', issuer, '--client-id', 'spa']

describe('the arguments of npm start', () => {
  test('name another server and its client', () => {
    expect(parseArguments([])).toEqual({ kind: 'demo' })
    const defaults = { kind: 'other-server', issuer, clientId: 'spa', scope: 'openid profile', port: 5173 }
    expect(parseArguments(both)).toEqual(defaults)
    const more = ['--scope=openid orders', '--port', '8080', '--resource', 'urn:orders']
    expect(parseArguments([...both, ...more])).toEqual({
      ...defaults,
      scope: 'openid orders',
      port: 8080,
      resource: 'urn:orders',
    })
    expect(
      parseArguments(['--issuer', 'http://localhost:8090/realms/demo', '--client-id', 'spa']),
    ).toMatchObject({
      issuer: 'http://localhost:8090/realms/demo',
    })
  })

  test.each([
    [['--issuer', issuer], /missing "--client-id"/],
    [['--client-id', 'spa'], /"--client-id" needs "--issuer"/],
    [['--port', '8080'], /"--port" needs "--issuer"/],
    [['--issuer=', '--client-id', 'spa'], /"--issuer" is empty/],
    [['--issuer', 'id.example.com', '--client-id', 'spa'], /must be an https: URL.*got "id.example.com"/],
    [['--issuer', 'http://id.example.com', '--client-id', 'spa'], /must be an https: URL/],
    [
      ['--issuer', `${issuer}/.well-known/openid-configuration`, '--client-id', 'spa'],
      /leave out "\/.well-known\/openid-configuration": the issuer is https:\/\/id.example.com$/,
    ],
    [[...both, '--port', 'x'], /"--port" must be a number from 1 to 65535, got "x"/],
    [[...both, '--resource', 'orders'], /"--resource" must be an absolute URI/],
    [[...both, '--tenant', 'x'], /unknown option "--tenant"/],
    [[...both, 'x'], /unexpected argument "x"/],
  ])('are refused: %j', (args, problem) => {
    expect(parseArguments(args)).toEqual({ kind: 'wrong', problem: expect.stringMatching(problem) })
  })

  test('are checked before anything is built: exit code 2 and the usage, or 0 for --help', () => {
    const start = (...args: string[]) => {
      const cwd = fileURLToPath(new URL('../..', import.meta.url))
      return spawnSync(process.execPath, ['demo/start.mjs', ...args], { cwd, encoding: 'utf8' })
    }
    const wrong = start('--issuer', issuer)
    expect(wrong).toMatchObject({ status: 2, stdout: '' })
    expect(wrong.stderr).toMatch(/^npm start: missing "--client-id".*\n\nUsage: npm start/)
    const help = start('--help')
    expect(help).toMatchObject({ status: 0, stderr: '' })
    expect(help.stdout).toMatch(/^Usage: npm start[^]*--issuer <url>[^]*callback\.html/)
  })
})

describe('the demo for another server', () => {
  const options = { clientId: 'spa', scope: 'openid' }

  test('names the server and each address that it tried', async () => {
    const port = await findFreePort(5900)
    const refused = startForServer({ ...options, issuer: `http://localhost:${port}`, port })
    await expect(refused).rejects.toThrow(
      /cannot read the metadata[^]*openid-configuration: no connection[^]*oauth-authorization-server: no connection/,
    )
  })

  test('refuses metadata that names another issuer', async () => {
    const server = createServer((_request, response) =>
      response.setHeader('content-type', 'application/json').end('{"issuer":"https://other.example.com"}'),
    ).listen(0, 'localhost')
    await new Promise((resolve) => server.once('listening', resolve))
    const own = `http://localhost:${(server.address() as AddressInfo).port}`
    const refused = startForServer({ ...options, issuer: own, port: await findFreePort(5900) })
    await expect(refused).rejects.toThrow('the metadata names another issuer, "https://other.example.com"')
    server.close()
  })

  test('needs the port that the server knows', async () => {
    const other = createServer().listen(0, 'localhost')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    await expect(startForServer({ ...options, issuer, port })).rejects.toThrow(`port ${port} is in use`)
    other.close()
  })
})
