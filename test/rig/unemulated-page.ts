import type { Browser, CDPSession } from '@playwright/test'

/**
 * A page of Chromium that Playwright does not know of. Those that it knows believe that they have the focus and are seen, and
 * such a page cannot be frozen.
 */
export interface UnemulatedPage {
  /** Evaluates an expression in the page, in a user gesture, and waits for its promise. */
  evaluate<T>(expression: string): Promise<T>
  /** Freezes the page, as a phone does with the page behind the window that the user is in. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** The pages that were opened from this one and are still open. */
  findPopup(): Promise<UnemulatedPage | undefined>
  close(): Promise<void>
}

interface Target {
  targetId: string
  type: string
  openerId?: string
  browserContextId?: string
}

/** Opens a page in a browser context of its own, past Playwright. */
export async function openUnemulatedPage(browser: Browser, url: string): Promise<UnemulatedPage> {
  const devtools = await browser.newBrowserCDPSession()
  const { browserContextId } = await devtools.send('Target.createBrowserContext')
  const { targetId } = await devtools.send('Target.createTarget', { url, browserContextId })
  const page = await attach(devtools, targetId)
  return {
    ...page,
    close: async () => void (await devtools.send('Target.disposeBrowserContext', { browserContextId })),
  }
}

async function attach(devtools: CDPSession, targetId: string): Promise<UnemulatedPage> {
  const { sessionId } = await devtools.send('Target.attachToTarget', { targetId, flatten: false })
  const waiting = new Map<number, { resolve(result: never): void; reject(error: Error): void }>()
  let last = 0
  devtools.on('Target.receivedMessageFromTarget', (event) => {
    if (event.sessionId !== sessionId) return
    const { id, result, error } = JSON.parse(event.message) as {
      id?: number
      result: never
      error?: { message: string }
    }
    const call = waiting.get(id ?? -1)
    if (error) call?.reject(new Error(error.message))
    else call?.resolve(result)
  })
  const send = <T>(method: string, params: object = {}) =>
    new Promise<T>((resolve, reject) => {
      const id = ++last
      waiting.set(id, { resolve, reject })
      const message = JSON.stringify({ id, method, params })
      devtools.send('Target.sendMessageToTarget', { sessionId, message }).catch(reject)
    })
  return {
    async evaluate<T>(expression: string) {
      const { result, exceptionDetails } = await send<{
        result: { value: T }
        exceptionDetails?: { text: string; exception?: { description?: string } }
      }>('Runtime.evaluate', { expression, userGesture: true, awaitPromise: true, returnByValue: true })
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
      return result.value
    },
    freeze: () => send('Page.setWebLifecycleState', { state: 'frozen' }),
    thaw: () => send('Page.setWebLifecycleState', { state: 'active' }),
    async findPopup() {
      const { targetInfos } = (await devtools.send('Target.getTargets')) as { targetInfos: Target[] }
      const popup = targetInfos.find(({ openerId }) => openerId === targetId)
      return popup && attach(devtools, popup.targetId)
    },
    close: async () => void (await devtools.send('Target.closeTarget', { targetId })),
  }
}
