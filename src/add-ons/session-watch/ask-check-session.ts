import { wait } from '../../base/abort.js'
import { AuthError } from '../../base/errors.js'
import { withoutPrototype } from '../../base/without-prototype.js'
import { onBlockedFrame } from '../../browser/windows/blocked-frame.js'
import { openFrame } from '../../browser/windows/frame.js'

/** The answers of the server's page (OpenID Connect Session Management 1.0 section 3.2). */
const answers = ['unchanged', 'changed', 'error'] as const

/** What the server's page says about a session. */
export type CheckSessionAnswer = (typeof answers)[number]

/** A question to the server's page. */
export interface CheckSessionQuestion {
  /** The `check_session_iframe` of the server. */
  url: string
  clientId: string
  /** The `session_state` of the authorization response. */
  sessionState: string
  /** In milliseconds. */
  timeout: number
}

/**
 * Asks the server's page in a hidden frame whether a session has changed, and removes the frame. Only the answer of that frame, from
 * the server's origin, counts. Rejects with `frame_silent` if there is none in time.
 */
export async function askCheckSession(
  { url, clientId, sessionState, timeout }: CheckSessionQuestion,
  until: AbortSignal,
): Promise<CheckSessionAnswer> {
  until.throwIfAborted()
  const asking = new AbortController()
  const signal = AbortSignal.any([until, asking.signal])
  const { origin } = new URL(url)
  try {
    return await new Promise((resolve, reject) => {
      until.addEventListener('abort', () => reject(until.reason as Error), withoutPrototype({ signal }))
      onBlockedFrame(origin, origin, signal, reject)
      const frame = openFrame({ url, endpoint: url }, signal)
      frame.title = 'session check'
      frame.addEventListener('load', () =>
        frame.contentWindow?.postMessage(`${clientId} ${sessionState}`, origin),
      )
      addEventListener(
        'message',
        ({ source, origin: from, data }) => {
          if (source === null || source !== frame.contentWindow || from !== origin) return
          if (answers.includes(data)) resolve(data)
        },
        withoutPrototype({ signal }),
      )
      void wait(timeout, signal).then(() =>
        reject(
          new AuthError(
            'frame_silent',
            `no answer from "check_session_iframe" (${origin}) in a hidden frame: the server is down or forbids framing`,
          ),
        ),
      )
    })
  } finally {
    asking.abort()
  }
}
