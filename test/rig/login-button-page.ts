import type { BrowserContext, Page } from '@playwright/test'
import axe from 'axe-core'
import type { LoginButton } from '../../src/element.js'
import type { AppServer } from './app-server.js'

declare global {
  interface Window {
    buttonEvents: { type: string; detail: unknown }[]
  }
}

/** Options of `openButtonPage`. */
export interface ButtonPageOptions {
  /** The body's markup. */
  markup: string
  /** What goes into the head in place of the bundle of the package. */
  head?: string
  /** @default '/' */
  path?: string
}

/** Lets pages of a context have axe, and a log of the events of their buttons. */
export async function watchButtons(context: BrowserContext): Promise<void> {
  await context.addInitScript({ content: axe.source })
  await context.addInitScript(() => {
    window.buttonEvents = []
    for (const type of ['login', 'logout', 'login-error'])
      addEventListener(type, (event) => {
        const { detail } = event as CustomEvent<{ code?: string; message?: string } | null | undefined>
        window.buttonEvents.push({ type, detail: detail?.code ?? detail?.message ?? detail })
      })
  })
}

/** Opens a page with a button in it, and with the package. */
export async function openButtonPage(
  page: Page,
  app: AppServer,
  { markup, head = '<script type="module" src="/latchkey.js"></script>', path = '/' }: ButtonPageOptions,
): Promise<void> {
  const meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
  app.route(path, () => ({
    body: `<!doctype html><html lang="en"><head>${meta}<title>Button</title>${head}</head><body><main>${markup}</main></body></html>`,
  }))
  await page.goto(path)
}

/** Gets the names of the events so far, and what they carried. */
export async function buttonEvents(page: Page): Promise<{ type: string; detail: unknown }[]> {
  return page.evaluate(() => window.buttonEvents)
}

/** Gets the text of what has the focus, in the button's own tree too. */
export async function focusedText(page: Page): Promise<string> {
  return page.evaluate(() => {
    const inner = document.activeElement?.shadowRoot?.activeElement
    return inner?.querySelector('slot')?.textContent ?? document.activeElement?.localName ?? ''
  })
}

/** Gives the first button of a page a client of the test's own making, which counts how often its window is brought to the front. */
export async function giveClient(page: Page, options: object): Promise<void> {
  await page.evaluate((plain) => {
    const auth = window.latchkey.createClient(plain as never)
    window.auth = auth
    const counted = { ...auth, focusWindow: () => ((document.title += '!'), auth.focusWindow()) }
    for (const button of document.querySelectorAll<LoginButton>('login-button')) button.client = counted
  }, options)
}
