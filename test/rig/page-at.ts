import { expect, type Page } from '@playwright/test'

/**
 * Waits for the page of the same browser context that stands at an origin. COOP makes Firefox put a window's document
 * into a new browsing context, which the driver sees as another page: the one that was opened is closed then.
 */
export async function pageAt(page: Page, origin: string): Promise<Page> {
  const find = () =>
    page
      .context()
      .pages()
      .find((one) => !one.isClosed() && one.url().startsWith(`${origin}/`))
  await expect.poll(() => find() !== undefined, { message: `a page at ${origin}` }).toBe(true)
  return find()!
}
