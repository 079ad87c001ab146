import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type {
  AuthorizationServer,
  AuthorizationServerOptions,
} from '../../demo/authorization-server/index.js'
import { startDemo } from '../../demo/start-demo.js'
import { checkNames } from '../../src/doctor/row.js'
import { client, examine, idsOf, origin, runDoctor, spoil, withServer } from './run-doctor.js'

// Each test starts a server and a process of Node.
vi.setConfig({ testTimeout: 30_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const spoilMetadata = (change: object) =>
  spoil((ctx) => {
    if (ctx.path.startsWith('/.well-known/')) Object.assign(ctx.body as object, change)
  })

const coop = spoil((ctx) => {
  if (ctx.path.startsWith('/interaction/')) ctx.set('Cross-Origin-Opener-Policy', 'same-origin')
})

/** Servers, each broken in one way, and the rows that are red then. */
const broken: [what: string, options: Partial<AuthorizationServerOptions>, args: string[], red: string[]][] =
  [
    [
      'no CORS',
      spoil((ctx) => {
        for (const name of Object.keys(ctx.response.headers))
          if (name.startsWith('access-control-')) ctx.remove(name)
      }),
      [],
      ['cors-discovery', 'cors-jwks', 'cors-token'],
    ],
    ['another issuer', spoilMetadata({ issuer: 'http://localhost:1/other' }), [], ['issuer']],
    ['COOP on the sign-in page', coop, [], ['coop']],
    ['X-Frame-Options: DENY', spoil((ctx) => ctx.set('X-Frame-Options', 'DENY')), [], ['silent-frame']],
    ['no S256', spoilMetadata({ code_challenge_methods_supported: ['plain'] }), [], ['pkce']],
    [
      'a login that redirects forever',
      spoil((ctx) => {
        if (ctx.path === '/auth') ctx.redirect(ctx.href)
      }),
      [],
      ['redirect-uri'],
    ],
    ['an unknown redirect URI', {}, ['--redirect-uri', `${origin}/unknown.html`], ['redirect-uri']],
  ]

describe('latchkey doctor', () => {
  test('finds nothing broken at the demo', async () => {
    await withServer({}, async (as) => {
      const { code, rows, ...rest } = await examine(as.issuer, ...client, '--origin', origin)
      expect(rest).toEqual({ issuer: as.issuer, origin })
      expect(rows.map(({ id }) => id)).toEqual(Object.keys(checkNames))
      expect([idsOf(rows, 'red'), idsOf(rows, 'grey'), code]).toEqual([[], [], 0])
      for (const { id, level, found, fix, ...more } of rows) {
        expect([typeof id, typeof level, typeof found, more]).toEqual(['string', 'string', 'string', {}])
        expect(typeof fix).toBe(level === 'green' ? 'undefined' : 'string')
      }
    })
  })

  test.each(['demo-app', 'quick-start'])('finds nothing broken at what npm start runs: %s', async (id) => {
    const demo = await startDemo({ app: 0, authorizationServer: 0 })
    try {
      const { code, rows } = await examine(demo.issuer, '--client-id', id, '--origin', demo.url)
      expect([idsOf(rows, 'red'), idsOf(rows, 'grey'), code]).toEqual([[], [], 0])
      expect(rows.find((row) => row.id === 'redirect-uri')!.found).toContain(`${demo.url}/callback.html`)
    } finally {
      await demo.close()
    }
  })

  test('finds nothing broken if PAR is required and web_message is not supported', async () => {
    await withServer({ par: 'required', webMessage: false, dpop: 'off' }, async (as) => {
      const { code, rows } = await examine(as.issuer, ...client)
      expect([idsOf(rows, 'red'), idsOf(rows, 'grey'), code]).toEqual([[], ['dpop', 'cors-dpop'], 0])
    })
  })

  test('pushes the request of a client that requires PAR, and says so', async () => {
    const wantsPar = {
      par: 'required' as const,
      ...spoilMetadata({ require_pushed_authorization_requests: false }),
    }
    await withServer(wantsPar, async (as) => {
      const { code, rows } = await examine(as.issuer, ...client)
      expect([idsOf(rows, 'amber'), idsOf(rows, 'grey'), code]).toEqual([['par', 'login-frame'], [], 0])
      expect(rows.find(({ id }) => id === 'par')?.fix).toContain('par: true')
    })
  })

  test('sends a DPoP proof if the client requires one, and says so', async () => {
    const wantsProof = spoil((ctx) => {
      if (ctx.path !== '/token' || ctx.method !== 'POST' || ctx.get('dpop')) return
      ctx.status = 400
      ctx.body = { error: 'invalid_request', error_description: 'DPoP proof is missing' }
    })
    await withServer(wantsProof, async (as) => {
      const { code, rows } = await examine(as.issuer, ...client)
      expect([idsOf(rows, 'amber'), idsOf(rows, 'grey'), code]).toEqual([['dpop', 'login-frame'], [], 0])
      expect(rows.find(({ id }) => id === 'dpop')?.fix).toContain('dpop: dpop()')
    })
  })

  test.each(broken)('finds %s, and nothing else broken', async (_what, options, args, red) => {
    await withServer(options, async (as) => {
      const { code, rows } = await examine(as.issuer, ...client, ...args)
      expect([idsOf(rows, 'red'), code]).toEqual([red, 1])
      if (args[1]) expect(JSON.stringify(rows)).toContain(`Register exactly ${args[1]}`)
    })
  })

  test.each([
    ['X-Frame-Options', 'DENY', 'X-Frame-Options: DENY'],
    ['Content-Security-Policy', `frame-ancestors 'none'`, `CSP: frame-ancestors 'none'`],
  ])('names the header that blocks a frame: %s: %s', async (name, value, said) => {
    const look = async (as: AuthorizationServer) => {
      const { rows } = await examine(as.issuer, ...client)
      const { stdout } = await runDoctor('doctor', as.issuer, ...client)
      const ofFrames = rows.filter(({ id }) => id === 'silent-frame' || id === 'login-frame')
      // Lines are broken at spaces.
      return { ofFrames, printed: stdout.replace(/\s+/g, ' ').split(said).length - 1 }
    }
    await withServer(
      spoil((ctx) => ctx.set(name, value)),
      async (as) => {
        const found: unknown = expect.stringContaining(said)
        const { ofFrames, printed } = await look(as)
        expect(ofFrames).toMatchObject([
          { level: 'red', found },
          { level: 'green', found },
        ])
        expect(printed).toBe(2)
      },
    )
    // The control.
    await withServer({}, async (as) => expect(await look(as)).toMatchObject({ printed: 0 }))
  })

  test('does not check the pages of a login without a client ID', async () => {
    await withServer({}, async (as) => {
      const { code, rows } = await examine(as.issuer)
      expect(idsOf(rows, 'grey')).toEqual([
        ...['iss', 'public-client', 'dpop', 'par', 'logout'],
        ...['redirect-uri', 'silent-frame', 'login-frame', 'coop'],
      ])
      expect(code).toBe(0)
    })
  })

  test('explains invalid usage, and exits with 2', async () => {
    const wrong = [
      [],
      ['doctor'],
      ['doctor', 'id.example.com'],
      ['doctor', 'https://a.example', '--nonsense'],
    ]
    for (const { code, stdout, stderr } of await Promise.all(wrong.map((args) => runDoctor(...args)))) {
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/^latchkey: .+\n\nUsage: latchkey doctor/)
    }
    expect(await runDoctor('--help')).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('a broken server', () => {
  const silent: Server = createServer(() => undefined)
  beforeAll(() => new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve)))
  afterAll(() => {
    silent.close()
    silent.closeAllConnections()
  })

  test('is one red row when it refuses connections', async () => {
    const issuer = await withServer({}, async (as) => as.issuer)
    const { code, rows } = await examine(issuer, ...client)
    expect([idsOf(rows, 'red'), rows.length, code]).toEqual([['discovery'], 2, 1])
    expect(rows[1]!.found).toContain('refuses the connection')
  })

  test('is one red row when it never stops sending', async () => {
    const pouring = createServer((_request, response) => {
      const pour = () => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', pour)
      }
      pour()
    })
    await new Promise<void>((resolve) => pouring.listen(0, '127.0.0.1', resolve))
    const { port } = pouring.address() as AddressInfo
    const { code, rows } = await examine(`http://localhost:${port}`, '--timeout', '20')
    pouring.close()
    pouring.closeAllConnections()
    expect([idsOf(rows, 'red'), code]).toEqual([['discovery'], 1])
    expect(rows[1]!.found).toContain('is not metadata')
  })

  test('is one red row when it never responds', async () => {
    const { port } = silent.address() as AddressInfo
    const { code, rows } = await examine(`http://localhost:${port}`, '--timeout', '0.3')
    expect([idsOf(rows, 'red'), code]).toEqual([['discovery'], 1])
    expect(rows[1]!.found).toContain('no answer within 0.3 s')
  })
})

describe('docs/doctor.md', () => {
  const text = read('docs/doctor.md')

  test('shows what the command prints', async () => {
    await withServer(coop, async (as) => {
      const { stdout } = await runDoctor('doctor', as.issuer, ...client)
      expect(text).toContain(stdout.replace(as.issuer, 'https://id.example.com').trim())
    })
  })

  test('has every check', () => {
    for (const id of Object.keys(checkNames)) expect(text).toContain(`| \`${id}\``)
  })
})
