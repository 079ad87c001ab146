import type { Browser, CDPSession } from '@playwright/test'

/** A page that was attached to, past Playwright, which keeps its own pages from being frozen. */
export interface Target {
  targetId: string
  /** Sends a command. Rejects when the page refuses it or is gone. */
  send<T>(method: string, parameters?: object): Promise<T>
  /** Evaluates an expression in a user gesture, and waits for its promise. */
  evaluate<T>(expression: string): Promise<T>
}

/** The DevTools protocol of a browser. */
export interface Devtools {
  createContext(): Promise<string>
  /** Opens a page. `onEvent`: what it reports of itself. */
  open(contextId: string, onEvent: (method: string, parameters: object) => void): Promise<Target>
  /** Attaches to the first page that was opened from another one and is still there. */
  findPopup(opener: Target): Promise<Target | undefined>
  closeTarget(targetId: string): Promise<void>
  disposeContext(contextId: string): Promise<void>
}

interface TargetInfo {
  targetId: string
  openerId?: string
}

interface Answer {
  id?: number
  method?: string
  params?: object
  result?: unknown
  error?: { message: string }
}

interface Evaluation<T> {
  result: { value: T }
  exceptionDetails?: { text: string; exception?: { description?: string } }
}

type Listener = (answer: Answer) => void

/** Opens the DevTools protocol of a browser. */
export async function openDevtools(browser: Browser): Promise<Devtools> {
  const session = await browser.newBrowserCDPSession()
  const listeners = new Map<string, Listener>()
  const closers = new Map<string, () => void>()
  session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) =>
    listeners.get(sessionId)?.(JSON.parse(message) as Answer),
  )
  session.on('Target.detachedFromTarget', ({ sessionId }) => closers.get(sessionId)?.())

  const attach = async (targetId: string, onEvent: (method: string, parameters: object) => void) => {
    const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
    const waiting = new Map<number, (answer: Answer) => void>()
    closers.set(sessionId, () => {
      for (const settle of waiting.values()) settle({ error: { message: 'the page is gone' } })
      listeners.delete(sessionId)
      closers.delete(sessionId)
    })
    listeners.set(sessionId, (answer) => {
      if (answer.id === undefined) return onEvent(answer.method!, answer.params!)
      waiting.get(answer.id)?.(answer)
      waiting.delete(answer.id)
    })
    return buildTarget(session, targetId, sessionId, waiting)
  }

  return {
    async createContext() {
      const { browserContextId } = await session.send('Target.createBrowserContext')
      return browserContextId
    },
    async open(browserContextId, onEvent) {
      const { targetId } = await session.send('Target.createTarget', {
        url: 'about:blank',
        browserContextId,
        background: true,
      })
      return attach(targetId, onEvent)
    },
    async findPopup(opener) {
      const { targetInfos } = (await session.send('Target.getTargets')) as { targetInfos: TargetInfo[] }
      const popup = targetInfos.find(({ openerId }) => openerId === opener.targetId)
      return popup && attach(popup.targetId, () => {})
    },
    closeTarget: async (targetId) => void (await session.send('Target.closeTarget', { targetId })),
    disposeContext: async (browserContextId) =>
      void (await session.send('Target.disposeBrowserContext', { browserContextId })),
  }
}

function buildTarget(
  session: CDPSession,
  targetId: string,
  sessionId: string,
  waiting: Map<number, (answer: Answer) => void>,
): Target {
  let last = 0
  const send = <T>(method: string, params: object = {}) =>
    new Promise<T>((resolve, reject) => {
      const id = ++last
      waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(error.message)) : resolve(result as T),
      )
      const message = JSON.stringify({ id, method, params })
      session.send('Target.sendMessageToTarget', { sessionId, message }).catch(reject)
    })
  return {
    targetId,
    send,
    async evaluate<T>(expression: string) {
      const { result, exceptionDetails } = await send<Evaluation<T>>('Runtime.evaluate', {
        expression,
        userGesture: true,
        awaitPromise: true,
        returnByValue: true,
      })
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
      return result.value
    },
  }
}
