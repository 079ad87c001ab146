import type { Page } from '@playwright/test'
import { getSigningKey } from '../../demo/authorization-server/signing-key.js'
import type { ExchangedToken, ExchangeOptions } from '../../src/exchange.js'
import type { Outcome } from './app-page.js'
import type { LoggedRequest } from './request-log.js'
import { tamperWithIdToken, type JsonObject } from './id-token-tampering.js'

/** Calls `exchangeToken` in the page and waits for its end. */
export async function exchange(
  page: Page,
  options: Omit<ExchangeOptions, 'signal'> = {},
): Promise<Outcome<ExchangedToken>> {
  return (await exchangeAll(page, [options]))[0]!
}

/** Makes several calls of `exchangeToken` at once in the page. */
export async function exchangeAll(
  page: Page,
  calls: Omit<ExchangeOptions, 'signal'>[],
): Promise<Outcome<ExchangedToken>[]> {
  return page.evaluate(
    (all) =>
      Promise.all(
        all.map((options) =>
          window.latchkey.exchangeToken(window.auth, options).then(
            (value) => ({ value, after: 0 }),
            (error: unknown) => ({ error: window.describe(error) as Outcome['error'] & {}, after: 0 }),
          ),
        ),
      ),
    calls,
  )
}

/** Tells whether a request is a token exchange. */
export const isExchange = ({ params }: LoggedRequest): boolean =>
  params['grant_type'] === 'urn:ietf:params:oauth:grant-type:token-exchange'

/** Changes the claims of a JWT of the server and signs it again with the server's key: as good as issued by it. */
export function reissue(jwt: string, claims: JsonObject = {}): string {
  return tamperWithIdToken(jwt, (old) => ({ claims: { ...old, ...claims } }), '', getSigningKey())
}

/** Changes the claims of a JWT of the server and signs it with another key. */
export function forge(jwt: string, claims: JsonObject = {}): string {
  return tamperWithIdToken(jwt, (old) => ({ claims: { ...old, ...claims }, signWith: 'foreign' }), '', getSigningKey()) // prettier-ignore
}
