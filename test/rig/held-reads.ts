import { expect, type Page } from '@playwright/test'

/** Reads of the store that are under way in a page, and do not come to their end. */
export interface HeldReads {
  /** Waits until there is one: what it has read is what was stored then. */
  held: () => Promise<void>
  /** Lets them go, in their order; later ones are not held. */
  release: () => Promise<void>
}

/** Holds what a page reads of a session from now on, between the store and its decryption. */
export async function holdReads(page: Page): Promise<HeldReads> {
  await page.evaluate(() => {
    const { decrypt } = SubtleCrypto.prototype
    let heldReads = 0
    let releaseReads = () => {}
    const released = new Promise<void>((resolve) => {
      releaseReads = () => {
        SubtleCrypto.prototype.decrypt = decrypt
        resolve()
      }
    })
    SubtleCrypto.prototype.decrypt = async function (...values) {
      heldReads++
      await released
      return decrypt.apply(this, values)
    }
    Object.assign(window, { countHeldReads: () => heldReads, releaseReads })
  })
  const count = () =>
    page.evaluate(() => (window as unknown as { countHeldReads: () => number }).countHeldReads())
  return {
    held: () => expect.poll(count).toBeGreaterThan(0),
    release: () => page.evaluate(() => (window as unknown as { releaseReads: () => void }).releaseReads()),
  }
}
