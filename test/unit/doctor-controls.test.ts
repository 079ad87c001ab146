import type { Middleware } from 'koa'
import { describe, expect, test, vi } from 'vitest'
import {
  isAuthorizationPath,
  rewriteAuthorizationResponse,
} from '../../demo/authorization-server/authorization-response.js'
import type { AuthorizationServerOptions } from '../../demo/authorization-server/index.js'
import type { Level, Row } from '../../src/doctor/row.js'
import { client, examine, origin, spoil, withServer } from './run-doctor.js'

// Each test starts a server and a process of Node.
vi.setConfig({ testTimeout: 30_000 })

type Options = Partial<AuthorizationServerOptions>

/** Answers in place of the server where `isMet` says so. */
function answerFirst(
  isMet: (ctx: Parameters<Middleware>[0]) => boolean,
  status: number,
  body: object | string,
): Options {
  return {
    middleware: async (ctx, next) => {
      if (!isMet(ctx)) return next()
      ctx.set('Access-Control-Allow-Origin', '*')
      ctx.status = status
      ctx.body = body
    },
  }
}

/** As zitadel/oidc and better-auth: the code is looked up before the client, and none is known here. */
const codeFirst = answerFirst(({ path, method }) => path === '/token' && method === 'POST', 400, {
  error: 'invalid_grant',
})

/** As better-auth: what does not navigate gets JSON in place of the way to the page. */
const jsonForScripts = (coop: string): Options => ({
  middleware: async (ctx, next) => {
    if (ctx.path.startsWith('/interaction/')) ctx.set('Cross-Origin-Opener-Policy', coop)
    if (ctx.path !== '/auth' || ctx.get('sec-fetch-mode') === 'navigate') return next()
    ctx.body = { redirect: true, url: 'https://id.example.com/sign-in' }
  },
})

const jsonPage = answerFirst(({ path }) => path.startsWith('/interaction/'), 200, { view: 'sign-in' })

/** As LemonLDAP::NG: everybody is asked to sign in before client and redirect URI are looked at. */
const signInFirst = answerFirst(
  ({ path }) => path === '/auth',
  200,
  '<!DOCTYPE html><form><input type="password" name="password"></form>',
)

/** As Authlib with its own error handler: the issuer is missing in errors. */
const noIssInErrors = spoil((ctx) => {
  if (isAuthorizationPath(ctx.path))
    rewriteAuthorizationResponse(ctx, (params) => {
      if (params.has('error')) params.delete('iss')
      return params
    })
})

const secretForRevocation = answerFirst(
  ({ path, method }) => path === '/token/revocation' && method === 'POST',
  401,
  '',
)

const hidden = spoil((ctx) => {
  if (ctx.path === '/me') ctx.remove('Access-Control-Expose-Headers')
})

const confidential: Options = {
  tokenExchange: true,
  services: { 'orders-api': { secret: 'a-secret-of-the-test', scope: 'read' } },
}

async function rowsOf(options: Options, args: string[], id: string): Promise<Row> {
  return withServer(options, async (as) => {
    const { rows } = await examine(as.issuer, ...args)
    return rows.find((row) => row.id === id)!
  })
}

/** What the server does, the check, how it ends, and how it ends where the server does it right. */
const servers: [what: string, options: Options, args: string[], id: string, level: Level, said: string][] = [
  [
    'looks the code up before the client',
    codeFirst,
    client,
    'public-client',
    'amber',
    'an unregistered client ID',
  ],
  [
    'looks the code up before a client that does not exist',
    codeFirst,
    ['--client-id', 'nobody'],
    'public-client',
    'amber',
    'could not be determined',
  ],
  [
    'has the client registered with a secret',
    confidential,
    ['--client-id', 'orders-api'],
    'public-client',
    'red',
    'without a secret',
  ],
  [
    'does not know the client',
    {},
    ['--client-id', 'nobody'],
    'public-client',
    'red',
    'does not accept nobody',
  ],
  ['sends COOP to windows only', jsonForScripts('same-origin'), client, 'coop', 'red', 'COOP same-origin'],
  ['sends JSON to scripts', jsonForScripts('unsafe-none'), client, 'coop', 'green', 'no COOP'],
  ['sends JSON to windows', jsonPage, client, 'coop', 'grey', 'application/json'],
  ['sends JSON to frames', jsonPage, client, 'login-frame', 'grey', 'application/json'],
  [
    'asks everybody to sign in first',
    signInFirst,
    client,
    'redirect-uri',
    'amber',
    'could not be determined',
  ],
  ['names no issuer in errors', noIssInErrors, client, 'iss', 'red', 'a response (login_required) does not'],
  [
    'does not promise the issuer',
    { sendIss: false },
    client,
    'iss',
    'amber',
    'a second issuer on a page cannot share the redirect URI',
  ],
  ['requires a secret for a revocation', secretForRevocation, client, 'cors-revocation', 'amber', 'HTTP 401'],
  [
    'hides why a token is rejected',
    hidden,
    client,
    'cors-userinfo',
    'amber',
    'does not expose WWW-Authenticate',
  ],
  [
    'does not support DPoP, which the app uses',
    { dpop: 'off' },
    [...client, '--dpop'],
    'dpop',
    'red',
    'dpop() cannot work',
  ],
  [
    'does not support PAR, which the app uses',
    { par: 'off' },
    [...client, '--par'],
    'par',
    'red',
    'par: true cannot work',
  ],
]

describe('a server that', () => {
  test.each(servers)('%s, for check %#', async (_what, options, args, id, level, said) => {
    const row = await rowsOf(options, args, id)
    expect([row.level, row.found]).toEqual([level, expect.stringContaining(said)])
  })

  // The control: the same rows, at a server that does it right.
  test('does all of that correctly has green rows', async () => {
    await withServer({}, async (as) => {
      const { rows } = await examine(as.issuer, ...client, '--dpop', '--par')
      const ids = new Set(servers.map(([, , , id]) => id))
      const levels = rows.filter(({ id }) => ids.has(id)).map(({ id, level }) => [id, level])
      const expected = [...ids].map((id) => [id, id === 'login-frame' ? 'amber' : 'green'])
      expect(Object.fromEntries(levels)).toEqual(Object.fromEntries(expected))
    })
  })
})

test('navigates to pages like a window and a frame, and calls endpoints like a page', async () => {
  const seen: Record<string, string[]> = {}
  const watch: Options = {
    middleware: async (ctx, next) => {
      const { prompt } = ctx.query
      const asked = ['mode', 'dest', 'site'].map((name) => ctx.get(`sec-fetch-${name}`)).join(' ')
      const key = `${ctx.method} ${ctx.path.split('/')[1]}${prompt ? ' silently' : ''}`
      ;(seen[key] ??= []).push(`${asked} ${ctx.get('origin')}`)
      await next()
    },
  }
  await withServer(watch, async (as) => examine(as.issuer, ...client))
  expect(new Set(seen['GET auth'])).toEqual(new Set(['navigate document cross-site ']))
  expect(new Set(seen['GET auth silently'])).toEqual(new Set(['navigate iframe cross-site ']))
  expect(new Set(seen['GET interaction'])).toEqual(new Set(['navigate document cross-site ']))
  for (const one of seen['POST token']!) expect(one).toBe(`cors   ${origin}`)
})
