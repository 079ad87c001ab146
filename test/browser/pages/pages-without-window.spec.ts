import { spawn } from 'node:child_process'
import { expect, test } from '@playwright/test'

const entry = new URL('../../../dist/index.js', import.meta.url).href
const externalEntry = new URL('../../../dist/external.js', import.meta.url).href

/** Runs a program in a Node process of its own, which has to end by itself. */
async function runNode(program: string): Promise<{ code: number | null; output: unknown; errors: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-'], { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk))
  child.stdin.end(`import { createClient, isAuthError } from ${JSON.stringify(entry)}\n${program}`)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, output: output ? JSON.parse(output) : undefined, errors }
}

const create = `
let requests = 0
globalThis.fetch = async () => { requests += 1; throw new TypeError('no network here') }
const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', redirectUri: '/callback.html' })
const seen = []
auth.subscribe((state) => seen.push(state.status))
`

test('can be imported and created without a window, stays loading and lets the process exit', async () => {
  const { code, output, errors } = await runNode(`${create}
    auth.ready().then(() => seen.push('ready'))
    process.on('exit', () => console.log(JSON.stringify({
      window: typeof window, status: auth.getState().status, user: auth.getUser(), seen, requests,
    })))`)
  expect(errors).toBe('')
  expect(code).toBe(0)
  expect(output).toEqual({ window: 'undefined', status: 'loading', user: null, seen: [], requests: 0 })
})

test('rejects a login without a window with no_window, and lets the process exit', async () => {
  const { code, output, errors } = await runNode(`${create}
    const codes = []
    for (const call of [() => auth.login(), () => auth.login({ mode: 'redirect' }), () => auth.login({ mode: 'silent' }), () => auth.logout()])
      await call().catch((error) => codes.push(isAuthError(error) ? error.code : String(error)))
    console.log(JSON.stringify({ codes, requests }))`)
  expect(errors).toBe('')
  expect(code).toBe(0)
  expect(output).toEqual({ codes: Array(4).fill('no_window'), requests: 0 })
})

test('stays loading on a server with external() too, and rejects every call with no_window', async () => {
  const { code, output, errors } = await runNode(`
    import { external } from ${JSON.stringify(externalEntry)}
    let opened = 0
    const auth = createClient({
      issuer: 'https://id.example.com', clientId: 'spa', redirectUri: 'com.example.app:/callback', mode: 'external',
      transports: [external(async () => { opened += 1; return 'com.example.app:/callback?code=1' })],
    })
    const codes = []
    auth.ready().then(() => codes.push('ready'))
    for (const call of [() => auth.login(), () => auth.login({ mode: 'popup' }), () => auth.getToken(), () => auth.logout()])
      await call().catch((error) => codes.push(isAuthError(error) ? error.code : String(error)))
    console.log(JSON.stringify({ codes, opened, status: auth.getState().status }))`)
  expect(errors).toBe('')
  expect(code).toBe(0)
  expect(output).toEqual({ codes: Array(4).fill('no_window'), opened: 0, status: 'loading' })
})

test('can be closed without a window: pending calls reject', async () => {
  const { code, output } = await runNode(`${create}
    const waiting = auth.ready().catch((error) => error.code)
    auth.close()
    console.log(JSON.stringify(await waiting))`)
  expect({ code, output }).toEqual({ code: 0, output: 'client_closed' })
})

test('reports an invalid option without a window', async () => {
  const { output } = await runNode(`
    try { createClient({ issuer: 'http://id.example.com', clientId: 'spa' }) } catch (error) {
      console.log(JSON.stringify([error.name, error.message.includes('"issuer"')]))
    }`)
  expect(output).toEqual(['TypeError', true])
})

test('detects a process that does not exit on its own', async () => {
  // The control of the tests above: what is left open there would show as a process that has to be told to end.
  const { code } = await runNode(`const timer = setTimeout(() => process.exit(7), 500)`)
  expect(code).toBe(7)
})
