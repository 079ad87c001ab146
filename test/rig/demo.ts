import axe from 'axe-core'
import { expect, test as base, type Page } from '@playwright/test'
import { startDemo, type RunningDemo } from '../../demo/start-demo.js'
import { popupOf, press, typeSignIn } from './sign-in.js'

export { expect } from '@playwright/test'

/** Playwright's `test` with the whole demo, as `npm start` starts it, on ports of its own. */
export const test = base.extend<{ demo: RunningDemo }>({
  demo: async ({ context }, use, testInfo) => {
    // Its tests start many servers, and go through many pages.
    testInfo.setTimeout(60_000)
    const demo = await startDemo({ app: 0, authorizationServer: 0 })
    await context.addInitScript({ content: axe.source })
    await use(demo)
    await demo.close()
  },
})

/** Opens the demo's app and logs alice in, who allows what the app asks for. */
export async function logInToDemo(page: Page, url: string): Promise<void> {
  await page.goto(url)
  const popup = await popupOf(page, () => page.getByRole('button', { name: 'Log in', exact: true }).click())
  await typeSignIn(popup)
  await press(popup, 'Allow')
  await expect(page.getByRole('status').first()).toHaveText('Logged in as Alice')
}

/** Expects a page, as it stands, to have nothing that axe finds fault with. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run())
  expect(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }))).toEqual([])
}
