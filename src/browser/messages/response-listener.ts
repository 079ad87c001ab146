import { loginPrefix } from '../../base/state-name.js'
import { withoutPrototype } from '../../base/without-prototype.js'
import { openChannel } from './channel.js'

/** A response that reached this page: its parameters, or the URL of the callback page. */
export type Reply = { params: Record<string, string> } | { href: string }

/** Where a response may come from. */
export interface ReplySource {
  /** The `state` of the login. A response with another one is not ours. */
  state: string
  /** The origin of the server if it posts its response itself (`web_message`). */
  serverOrigin: string | undefined
  /** Tells whether a window is the one that we opened. */
  isSource(source: MessageEventSource | null): boolean
}

/**
 * Listens in three places until the signal is aborted: to messages from the server, to messages from our callback page, and to the
 * channel named after the `state`. Messages that fail a check are ignored, because other scripts post messages, too.
 */
export function listenForReply(
  from: ReplySource,
  signal: AbortSignal,
  onReply: (reply: Reply) => void,
): void {
  const take = (data: { latchkey?: unknown } | null, isOurWindow = false) => {
    const href = data?.latchkey
    if (typeof href !== 'string') return
    // A server may omit `state` from an error, or respond in a way that no script can read. Such a response counts if it comes from
    // our own window.
    if (!href.includes(from.state) && !(isOurWindow && !/[?#&]state=[^&#]/.test(href))) return
    post('taken')
    onReply({ href })
  }
  const post = openChannel(loginPrefix + from.state, take, signal)
  addEventListener(
    'message',
    ({ origin, source, data }) => {
      if (!from.isSource(source)) return
      if (origin === location.origin) take(data, source !== null)
      // `{ type: 'authorization_response', response }`: OAuth 2.0 Web Message Response Mode, simple mode.
      if (origin !== from.serverOrigin || data?.type !== 'authorization_response') return
      const params = { ...data.response }
      if (params.state === from.state && Object.values(params).every((value) => typeof value === 'string'))
        onReply({ params })
    },
    withoutPrototype({ signal }),
  )
}
