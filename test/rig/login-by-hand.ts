import { createHash, randomBytes } from 'node:crypto'
import type { Page } from '@playwright/test'
import { click } from './app-page.js'
import type { AppServer } from './app-server.js'
import type { TestAuthorizationServer } from './authorization-server.js'
import type { JsonObject } from './id-token-tampering.js'
import { popupOf, signIn } from './sign-in.js'

/** The code verifier of every request that is made by hand. */
export const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')

/** Builds an authorization request. */
export function authorizationUrl(
  as: TestAuthorizationServer,
  app: AppServer,
  params: Record<string, string> = {},
): string {
  const url = new URL(`${as.issuer}/auth`)
  url.search = new URLSearchParams({
    client_id: as.clientId,
    response_type: 'code',
    redirect_uri: `${app.origin}/app.html`,
    scope: 'openid',
    state: 'the-state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...params,
  }).toString()
  return url.href
}

/** Opens a popup in a click; `outcome(page)` is the first message that comes. */
export async function openPopup(page: Page, url: string): Promise<Page> {
  return popupOf(page, () =>
    click(
      page,
      (target) =>
        new Promise((resolve) => {
          addEventListener('message', ({ origin, data }) => resolve({ origin, data }), { once: true })
          open(target, 'popup', 'width=480,height=600')
        }),
      url,
    ),
  )
}

/** Signs in by a window and gets the authorization response from its URL. */
export async function getCode(
  page: Page,
  as: TestAuthorizationServer,
  app: AppServer,
): Promise<URLSearchParams> {
  const popup = await popupOf(page, () =>
    click(page, (target) => void open(target), authorizationUrl(as, app, { response_mode: 'fragment' })),
  )
  await signIn(popup)
  await popup.waitForURL(/app\.html#/)
  return new URLSearchParams(new URL(popup.url()).hash.slice(1))
}

/** What the token endpoint answered; `failed` when the page could not read it. */
export interface TokenAnswer {
  status: number
  json?: JsonObject
  text?: string
  retryAfter?: string | null
  failed?: boolean
}

/** Posts to the token endpoint from the page. */
export async function postToken(
  page: Page,
  as: TestAuthorizationServer,
  body: Record<string, string>,
): Promise<TokenAnswer> {
  const form = new URLSearchParams({ client_id: as.clientId, ...body }).toString()
  return page.evaluate(
    async ([url, content]) => {
      try {
        const headers = { 'content-type': 'application/x-www-form-urlencoded' }
        const response = await fetch(url!, { method: 'POST', body: content!, headers })
        const text = await response.text()
        const retryAfter = response.headers.get('retry-after')
        const isJson = response.headers.get('content-type')?.includes('json')
        return { status: response.status, text, retryAfter, ...(isJson && { json: JSON.parse(text) }) }
      } catch {
        return { status: 0, failed: true }
      }
    },
    [`${as.issuer}/token`, form],
  )
}

/** Redeems a code at the token endpoint. */
export function redeem(
  page: Page,
  as: TestAuthorizationServer,
  app: AppServer,
  code: string,
): Promise<TokenAnswer> {
  return postToken(page, as, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: `${app.origin}/app.html`,
  })
}
