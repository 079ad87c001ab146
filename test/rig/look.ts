import type { Page } from '@playwright/test'

/**
 * Waits until the opener has looked at its window at least once more: it does so every 50 ms, which shows nowhere. A
 * person needs longer to close a window; a driver can close it before the opener has ever seen it at the server.
 */
export async function letOpenerLook(opener: Page): Promise<void> {
  await opener.evaluate(
    () =>
      new Promise<void>((resolve) => {
        let turns = 0
        const look = () => (++turns > 4 ? resolve() : setTimeout(look, 50))
        look()
      }),
  )
}
