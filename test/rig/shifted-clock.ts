import type { Page } from '@playwright/test'

/** Sets the clock of a page wrong from its next load on, by so many seconds. Timers go on as they are. */
export async function shiftClock(page: Page, seconds: number): Promise<void> {
  await page.addInitScript((shift) => {
    const RealDate = Date
    window.Date = class extends RealDate {
      constructor(...values: [] | [number]) {
        if (values.length) super(...values)
        else super(RealDate.now() + shift)
      }
      static override now(): number {
        return RealDate.now() + shift
      }
    } as DateConstructor
  }, seconds * 1000)
}

/** Lets so many seconds pass for a page as it is, by its clock alone. Timers go on as they are. */
export async function passTime(page: Page, seconds: number): Promise<void> {
  await page.evaluate((shift) => {
    const now = Date.now
    Date.now = () => now() + shift
  }, seconds * 1000)
}
