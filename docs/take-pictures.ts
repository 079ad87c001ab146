// Takes the pictures of the README and the docs again: npm run build && npx tsx docs/take-pictures.ts
import { chromium } from '@playwright/test'
import { fileURLToPath } from 'node:url'
import { startDemo } from '../demo/start-demo.js'
import { launchOptions } from '../test/rig/browsers.mjs'

const names = { light: 'demo.png', dark: 'demo-dark.png' } as const
const revoked = { light: 'revoked-token.png', dark: 'revoked-token-dark.png' } as const

const demo = await startDemo()
const browser = await chromium.launch(launchOptions('chromium'))
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    // About as wide as a README is shown, so that its text stays as large as that around it.
    const viewport = { width: 900, height: 1430 }
    const page = await browser.newPage({ viewport, colorScheme, locale: 'en-GB', reducedMotion: 'reduce' })
    await page.goto(demo.url)
    await page.getByRole('button', { name: 'Log in with redirect' }).click()
    await page.getByLabel('User name').fill('alice')
    await page.getByLabel('Password').fill('any')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.getByRole('button', { name: 'Stock' }).click()
    await page.getByRole('heading', { name: 'Delegation' }).waitFor()
    // Neither the pointer nor the focus is part of the picture.
    await page.mouse.move(0, 0)
    await page.evaluate(() => {
      ;(document.activeElement as HTMLElement | null)?.blur()
      scrollTo(0, 0)
    })
    const end = await page.locator('.picture').evaluate((card) => card.getBoundingClientRect().bottom)
    await page.screenshot({
      path: fileURLToPath(new URL(names[colorScheme], import.meta.url)),
      fullPage: true,
      clip: { x: 0, y: 0, width: viewport.width, height: Math.ceil(end) + 16 },
    })
    await page.getByRole('button', { name: 'Revoke this token' }).click()
    await page.locator('[data-outcome="refused"]').waitFor()
    await page.mouse.move(0, 0)
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await page
      .locator('#compare')
      .screenshot({ path: fileURLToPath(new URL(revoked[colorScheme], import.meta.url)) })
    await page.close()
  }
} finally {
  await browser.close()
  await demo.close()
}
