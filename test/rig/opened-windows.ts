import type { Page } from '@playwright/test'

declare global {
  interface Window {
    /** The URLs that the page's windows were opened with. */
    openedUrls: string[]
    /** When the last of them was first seen closed, by `performance.now()`. */
    closedAt: number | undefined
    /** When the outcome of the last click came, by `performance.now()`. */
    settledAt: number | undefined
  }
}

/** Lets a page remember the windows that it opens. Call it before the page is opened. */
export async function observeWindows(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { open } = window
    window.openedUrls = []
    window.open = (...parameters) => {
      const opened = open.apply(window, parameters)
      window.openedUrls.push(String(parameters[0]))
      window.closedAt = window.settledAt = undefined
      const timer = setInterval(() => {
        if (opened && !opened.closed) return
        window.closedAt = performance.now()
        clearInterval(timer)
      }, 5)
      // After the click's handler has run.
      setTimeout(() => void window.outcome?.then(() => (window.settledAt = performance.now())))
      return opened
    }
  })
}

/** Gets how many milliseconds of the page's own time went by between the closing of the last window and the outcome. */
export async function timeSinceClosed(page: Page): Promise<number> {
  return page.evaluate(() => window.settledAt! - window.closedAt!)
}
