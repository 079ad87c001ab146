import { expect, type Page } from '@playwright/test'
import { By, error, type WebDriver } from 'selenium-webdriver'

/** A tab or window of WebKitGTK, with the members of Playwright's `Page` that the rig's functions need. */
export interface Tab extends Pick<Page, 'evaluate' | 'goto' | 'click' | 'waitForURL' | 'isClosed' | 'close'> {
  reload: () => Promise<void>
}

/** The tabs of one browser. WebDriver knows one current window, so its commands run one after the other. */
export interface Tabs {
  /** Gets the tab that the browser has started with. */
  first: () => Promise<Tab>
  open: () => Promise<Tab>
  /** Waits for the window that a call opens, and that stays for a while. */
  popupOf: (call: () => Promise<void>) => Promise<Tab>
  count: () => Promise<number>
  /** Closes all tabs but the first, and deletes the cookies of the app's host. */
  reset: () => Promise<void>
}

/** Windows open and close within moments, and their state is cheap to ask for. */
const often = { intervals: [50] }

/** Wraps the windows of a browser. Paths are relative to `origin`. */
export function createTabs(driver: WebDriver, origin: string): Tabs {
  let last: Promise<unknown> = Promise.resolve()

  /** Runs commands after those before them. */
  function inTurn<T>(commands: () => Promise<T>): Promise<T> {
    const result = last.then(commands)
    last = result.catch(() => {})
    return result
  }

  const handles = () => inTurn(() => driver.getAllWindowHandles())

  function createTab(handle: string): Tab {
    let closed = false

    async function run<T>(commands: () => Promise<T>): Promise<T> {
      return inTurn(async () => {
        try {
          await driver.switchTo().window(handle)
          return await commands()
        } catch (reason) {
          if (reason instanceof error.NoSuchWindowError) closed = true
          throw reason
        }
      })
    }

    const tab: Tab = {
      async evaluate(call: unknown, argument?: unknown) {
        const expression =
          typeof call === 'function' ? `(${call})(${JSON.stringify(argument)})` : String(call)
        const text = await run(() => driver.executeAsyncScript<string>(answerWith(expression)))
        const answer = JSON.parse(text) as { value?: never; failure?: string }
        if (answer.failure) throw new Error(answer.failure)
        return answer.value as never
      },
      async goto(path) {
        const url = new URL(path, origin).href
        await run(() => driver.get(url))
        // In a new tab, WebDriver can take the end of about:blank for the end of this page.
        const isLoaded = () =>
          tab.evaluate(() => document.readyState === 'complete' && document.URL !== 'about:blank')
        await expect.poll(isLoaded, often).toBe(true)
        return null
      },
      async reload() {
        await run(() => driver.navigate().refresh())
      },
      async click(selector) {
        await run(async () => driver.findElement(By.css(selector)).click())
      },
      async waitForURL(url) {
        const shown = () => tab.evaluate(() => (document.readyState === 'loading' ? '' : document.URL))
        // A script that a navigation has interrupted is run again.
        const location = expect.poll(() => (closed ? shown() : shown().catch(() => '')), often)
        await (url instanceof RegExp ? location.toMatch(url) : location.toBe(url))
      },
      isClosed: () => closed,
      async close() {
        await run(() => driver.close())
        closed = true
      },
    }
    return tab
  }

  return {
    first: async () => createTab((await handles())[0]!),
    async open() {
      const handle = await inTurn(async () => {
        await driver.switchTo().newWindow('tab')
        return driver.getWindowHandle()
      })
      return createTab(handle)
    },
    async popupOf(call) {
      const before = await handles()
      await call()
      let opened: string | undefined
      const isOpen = async () =>
        Boolean((opened = (await handles()).find((handle) => !before.includes(handle))))
      await expect.poll(isOpen, often).toBe(true)
      return createTab(opened!)
    },
    count: async () => (await handles()).length,
    async reset() {
      const [first, ...others] = await handles()
      for (const handle of others) await createTab(handle).close()
      const tab = createTab(first!)
      await tab.goto('/callback.js')
      await inTurn(() => driver.manage().deleteAllCookies())
    },
  }
}

/** A script that answers with the value of an expression as JSON: WebDriver would turn `undefined` into null. */
function answerWith(expression: string): string {
  return `
    const answer = arguments[arguments.length - 1]
    Promise.resolve().then(() => ${expression}).then(
      (value) => answer(JSON.stringify({ value })),
      (reason) => answer(JSON.stringify({ failure: String(reason) })),
    )`
}
