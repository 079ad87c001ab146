import type { OpenExternal } from '../../api/external.js'
import type { Reply } from '../../api/login-transport.js'
import { unlessAborted, wait } from '../../base/abort.js'
import { AuthError } from '../../base/errors.js'
import { isAuthError } from '../../base/is-auth-error.js'

/** A page of the server that the host app opens. */
interface ExternalPage {
  url: string
  /** The URL that the user comes back to. */
  returnTo: string
  /** The time limit, in milliseconds. */
  timeout: number
  signal: AbortSignal
}

/**
 * Lets the host app open a page of the server, and waits for the URL that the user comes back to. Rejects with `timeout`,
 * `popup_closed`, `external_failed` or `invalid_response`, or with the reason of the signal.
 */
export async function visitExternally(
  open: OpenExternal,
  { url, returnTo, timeout, signal }: ExternalPage,
): Promise<Reply> {
  // A window that opens now would never be closed: the host app only hears of an abort that comes later.
  signal.throwIfAborted()
  const scope = new AbortController()
  const until = AbortSignal.any([signal, scope.signal])
  const expire = async (): Promise<never> => {
    await wait(timeout, until)
    throw new AuthError(
      'timeout',
      `the function passed to external() did not resolve in time: check that "clientId" and ${returnTo} are registered at the server, and that the host app receives that URL`,
    )
  }
  try {
    return readReturn(await unlessAborted(Promise.race([callHost(open, url, until), expire()]), signal))
  } finally {
    // The host app closes its window.
    scope.abort()
  }
}

/** Calls the function of the host app. Its error is not passed on, because it can contain the URL with the code. */
async function callHost(open: OpenExternal, url: string, signal: AbortSignal): Promise<unknown> {
  try {
    return await open(url, { signal })
  } catch (error) {
    if (isAuthError(error)) throw error
    throw new AuthError(
      'external_failed',
      'the function passed to external() failed: log its error there, or let it reject with an AuthError such as "popup_closed"',
    )
  }
}

function readReturn(value: unknown): Reply {
  if (value === undefined || value === null)
    throw new AuthError('popup_closed', 'the window of the host app was closed before the user came back')
  if (typeof value === 'string') return { href: value }
  if (value instanceof URL) return { href: value.href }
  throw new AuthError(
    'invalid_response',
    'the function passed to external() must resolve with the URL that the user came back to, as a string or a URL',
  )
}
