import { loginPrefix } from '../../base/state-name.js'
import { openChannel } from './channel.js'

/** An answer that came back to this page: its parameters, or the URL that the callback page was loaded at. */
export type Reply = { params: Record<string, string> } | { href: string }

/** Whom an answer may come from. */
export interface ReplySource {
  /** The random name of the exchange; an answer that does not carry it is not for us. */
  state: string
  /** The origin of the server when it is to post its answer itself (`web_message`). */
  serverOrigin: string | undefined
  /** Tells whether this is the window that we opened. */
  isSource(source: MessageEventSource | null): boolean
}

/**
 * Listens in three places until the signal is aborted: messages of the server, messages of our own callback page, and
 * the channel that is named for the state. Whatever fails a check is ignored: other scripts post messages as well.
 */
export function listenForReply(
  from: ReplySource,
  signal: AbortSignal,
  onReply: (reply: Reply) => void,
): void {
  const take = (data: { latchkey?: unknown } | null, isOurWindow = false) => {
    const href = data?.latchkey
    if (typeof href !== 'string') return
    // A server may leave `state` out of an error, or answer in a way that no script can read: that is for us where it comes from
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
    { signal },
  )
}
