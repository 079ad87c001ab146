import { expect, type Page } from '@playwright/test'
import { clickLogin } from './app-page.js'
import type { TestAuthorizationServer } from './authorization-server.js'
import { popupOf, signIn } from './sign-in.js'

/** A popup whose user has signed in, at the server's origin, on a page that posts nothing by itself. */
export interface QuietPopup {
  popup: Page
  /** The response that the server would have sent. */
  response: Record<string, string>
  /** A page of the server that does nothing. */
  home: string
}

/** Logs in by popup up to the answer, which stays with the test; the click is the caller's where it gives one. */
export async function openQuietPopup(
  page: Page,
  as: TestAuthorizationServer,
  call: () => Promise<void> = () => clickLogin(page),
): Promise<QuietPopup> {
  let response: Record<string, string> | undefined
  const endTampering = as.tamperAuthorizationResponse((params) => (response = Object.fromEntries(params)))
  const body = '<!doctype html><title>Quiet</title>'
  const fault = as.fault('resume', { afterProcessing: true, body })
  as.fault('other', { body, when: ({ path }) => path === '/home' })
  const popup = await popupOf(page, call)
  await signIn(popup)
  await expect(popup).toHaveTitle('Quiet')
  endTampering()
  fault.end()
  return { popup, response: response!, home: `${as.origin}/home` }
}

/** Sends a window elsewhere as its own script would: a driver's navigation to another site takes the opener away. */
export async function sendTo(popup: Page, url: string): Promise<void> {
  await popup.evaluate((target) => void location.assign(target), url)
  await popup.waitForURL(url)
}

/** Has every message that reaches a page counted, from now on. */
export async function countMessages(page: Page): Promise<void> {
  await page.evaluate(() => {
    const counter: { seenMessages?: number } = Object.assign(window, { seenMessages: 0 })
    addEventListener('message', () => void (counter.seenMessages! += 1))
  })
}

/** Waits until a page has got so many messages, and all listeners have seen the last. */
export async function expectMessages(page: Page, count: number): Promise<void> {
  const read = () => page.evaluate(() => (window as { seenMessages?: number }).seenMessages)
  await expect.poll(read).toBe(count)
}

/** Builds the message of a server, as the web message response mode has it. */
export function webMessage(response: Record<string, string>): object {
  return { type: 'authorization_response', response }
}

/** Posts from a window to the one that opened it, or that it is framed in. */
export async function postToApp(from: Pick<Page, 'evaluate'>, message: object): Promise<void> {
  await from.evaluate(
    (data: object) => ((window.opener ?? window.parent) as Window).postMessage(data, '*'),
    message,
  )
}
