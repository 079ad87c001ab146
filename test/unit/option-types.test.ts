import { describe, expect, expectTypeOf, test } from 'vitest'
import type { StandardClaims } from '../../src/api/claims.js'
import type { OverlayOptions, OverlayTexts } from '../../src/api/overlay.js'
import type { Api } from '../../src/api/api.js'
import type { ClientOptions } from '../../src/api/client-options.js'
import type { LoginOptions } from '../../src/api/login-options.js'
import type { LogoutOptions } from '../../src/api/logout-options.js'
import type { Timeouts } from '../../src/api/timeouts.js'
import type { TokenOptions } from '../../src/api/token-options.js'
import { buildConfig, type ClientOptionName, type LoginOptionName } from '../../src/config.js'
import type { ExchangeOptions } from '../../src/exchange.js'
import type {
  AuthorizationServer,
  DPoPCapability,
  DPoPKey,
  indexedDBStore,
  ProofRequest,
} from '../../src/index.js'
import { overlay } from '../../src/overlay.js'
import type { AuthProviderProps, RequireLoginProps, UseTokenOptions } from '../../src/react.js'
import type {
  AuthProviderProps as SolidProviderProps,
  RequireLoginProps as SolidLoginProps,
} from '../../src/solid.js'
import { createTestClient, seedSession } from '../../src/testing.js'
import type { SeedOptions, SeedPage, SeedTokens, TestClientOptions, TestLogin } from '../../src/testing.js'
import type { IdleOptions, SessionEndingOptions } from '../../src/idle.js'
import type { IdTokenOptions } from '../../src/id-token.js'
import type { UserInfoOptions } from '../../src/userinfo.js'
import type { CallbackPageOptions } from '../../src/vite.js'
import type { RequireLoginOptions } from '../../src/vue.js'

/** The names of properties that may be omitted, but not undefined (`exactOptionalPropertyTypes`). */
type Refusing<Options> = {
  [Name in keyof Options]-?: object extends Pick<Options, Name>
    ? { [Key in Name]: undefined } extends Pick<Options, Name>
      ? never
      : Name
    : never
}[keyof Options]

test('every optional option may be undefined', () => {
  expectTypeOf<Refusing<ClientOptions>>().toBeNever()
  expectTypeOf<Refusing<Api>>().toBeNever()
  expectTypeOf<Refusing<Timeouts>>().toBeNever()
  expectTypeOf<Refusing<LoginOptions>>().toBeNever()
  expectTypeOf<Refusing<TokenOptions>>().toBeNever()
  expectTypeOf<Refusing<LogoutOptions>>().toBeNever()
  expectTypeOf<Refusing<StandardClaims>>().toBeNever()
  expectTypeOf<Refusing<ExchangeOptions>>().toBeNever()
  expectTypeOf<Refusing<IdleOptions>>().toBeNever()
  expectTypeOf<Refusing<SessionEndingOptions>>().toBeNever()
  expectTypeOf<Refusing<IdTokenOptions>>().toBeNever()
  expectTypeOf<Refusing<UserInfoOptions>>().toBeNever()
  expectTypeOf<Refusing<OverlayOptions>>().toBeNever()
  expectTypeOf<Refusing<OverlayTexts>>().toBeNever()
  expectTypeOf<Refusing<NonNullable<Parameters<typeof indexedDBStore>[0]>>>().toBeNever()
  expectTypeOf<Refusing<SeedOptions>>().toBeNever()
  expectTypeOf<Refusing<SeedTokens>>().toBeNever()
  expectTypeOf<Refusing<TestClientOptions>>().toBeNever()
  expectTypeOf<Refusing<TestLogin>>().toBeNever()
  expectTypeOf<Refusing<AuthProviderProps>>().toBeNever()
  expectTypeOf<Refusing<RequireLoginProps>>().toBeNever()
  expectTypeOf<Refusing<UseTokenOptions>>().toBeNever()
  expectTypeOf<Refusing<SolidProviderProps>>().toBeNever()
  expectTypeOf<Refusing<SolidLoginProps>>().toBeNever()
  expectTypeOf<Refusing<RequireLoginOptions<string>>>().toBeNever()
  expectTypeOf<Refusing<CallbackPageOptions>>().toBeNever()
  // The check finds one that may not, and no more than that.
  expectTypeOf<Refusing<{ a?: string; b?: string | undefined; c: string }>>().toEqualTypeOf<'a'>()
})

test('the lists of known options are complete', () => {
  expectTypeOf<keyof ClientOptions>().toEqualTypeOf<ClientOptionName>()
  expectTypeOf<keyof LoginOptions>().toEqualTypeOf<LoginOptionName>()
})

test('the types of an option are exported', () => {
  expectTypeOf<Partial<AuthorizationServer>>().toExtend<ClientOptions['metadata']>()
  expectTypeOf<ReturnType<DPoPCapability['open']>>().toEqualTypeOf<DPoPKey>()
  expectTypeOf<Parameters<DPoPKey['prove']>>().toEqualTypeOf<[ProofRequest]>()
  expectTypeOf<RequireLoginOptions>().toEqualTypeOf<RequireLoginOptions<string>>()
})

describe('undefined counts as left out', () => {
  const good = { issuer: 'https://id.example', clientId: 'spa' }

  test('in the options of a client, those of its APIs and its metadata', () => {
    const endpoints = {
      authorization_endpoint: 'https://id.example/auth',
      token_endpoint: 'https://id.example/token',
    }
    const { metadata } = buildConfig({
      ...good,
      scope: 'orders',
      metadata: { ...endpoints, issuer: undefined } as object,
    })
    expect(metadata).toEqual({ ...endpoints, issuer: good.issuer })
    const names = ['redirectUri', 'scope', 'resource', 'params', 'mode', 'responseMode', 'apis', 'metadata']
    const more = [
      'discovery',
      'store',
      'stepUp',
      'par',
      'dpop',
      'overlay',
      'clockTolerance',
      'timeouts',
      'tenants',
      'endSessionUrl',
    ]
    const nothing = Object.fromEntries([...names, ...more, 'onEvent'].map((name) => [name, undefined]))
    expect(buildConfig({ ...nothing, ...good })).toEqual(buildConfig(good))
  })

  test('in the texts of an overlay', () => {
    expect(() => overlay({ texts: { title: undefined } })).not.toThrow()
    expect(() => overlay({ texts: { title: '' } })).toThrow('"texts.title" must be')
  })

  test('in the options of a test client', async () => {
    const auth = createTestClient(undefined, { issuer: undefined, clientId: undefined, scope: undefined })
    auth.test.logIn({ sub: 'alice', iss: undefined, name: undefined }, { expiresIn: undefined })
    expect(auth.getUser()).toStrictEqual({ iss: 'https://id.example.com', sub: 'alice' })
    expect(await auth.getToken({ scope: undefined, resource: undefined })).toBe('test-token-1')
  })

  test('in the claims of a seeded session', async () => {
    let written = ''
    const page: SeedPage = {
      route: async () => {},
      unroute: async () => {},
      goto: async () => {},
      evaluate: async (expression) => void (written = expression),
    }
    const user = { sub: 'alice', iss: undefined }
    const tokens = { access_token: 'secret', expires_in: undefined, token_type: undefined }
    await seedSession(page, { url: 'http://localhost', ...good, user, tokens, receivedAt: undefined })
    expect(written).toContain('"user":{"iss":"https://id.example","sub":"alice"}')
  })
})
