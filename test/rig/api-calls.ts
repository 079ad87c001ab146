import type { Page } from '@playwright/test'
import type { Outcome, PlainError } from './app-page.js'
import type { AppRequest, AppServer, RouteAnswer } from './app-server.js'

/** How an API refuses a token that is expired or revoked. */
export const invalidToken: RouteAnswer = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer error="invalid_token", error_description="expired"' },
  body: { error: 'invalid_token' },
}

/** What a page can read of a response. */
export interface ApiAnswer {
  status: number
  body: string
  url: string
}

/** Calls `auth.fetch` in the page, and reads the body. */
export async function callApi(
  page: Page,
  url: string,
  init: RequestInit = {},
): Promise<Omit<Outcome<ApiAnswer>, 'after'>> {
  return page.evaluate(
    async ([target, options]) => {
      try {
        const response = await window.auth.fetch(target, options)
        return { value: { status: response.status, body: await response.text(), url: response.url } }
      } catch (error) {
        return { error: window.describe(error) as PlainError }
      }
    },
    [url, init] as const,
  )
}

/** Gets the requests that an API received, without preflights. */
export function received(api: AppServer): AppRequest[] {
  return api.requests.filter(({ method }) => method !== 'OPTIONS')
}

/** Gets the `Authorization` headers of these requests. */
export function authorizationsAt(api: AppServer): (string | undefined)[] {
  return received(api).map(({ headers }) => headers.authorization)
}
