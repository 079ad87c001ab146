import type { LoginTransport, Reply } from '../api/login-transport.js'
import type { AuthEvent } from '../api/events.js'
import type { LoginStage, State } from '../api/state.js'
import { unlessAborted } from '../base/abort.js'
import type { AuthError } from '../base/errors.js'
import type { Transaction } from '../protocol/transaction.js'
import { isOpenId } from '../protocol/scope.js'
import type { Config } from '../session/config.js'
import type { Session } from '../session/session.js'
import type { Redemption, Vault } from '../vault/vault.js'
import {
  buildPreparedRequest,
  checkAbilities,
  createAuthorizationRequest,
  type AuthorizationOptions,
  type Prepared,
} from './authorization-request.js'

/** What a login needs of its client. */
export interface LoginParts {
  config: Config
  vault: Pick<Vault, 'server' | 'push' | 'warm' | 'redeem'>
  session: Pick<Session, 'apply' | 'getState' | 'showStage'>
  emit(event: AuthEvent): void
}

/** What the request of a login needs of its client. */
interface RequestParts {
  config: Config
  vault: Pick<Vault, 'server' | 'push' | 'warm'>
}

/** What a login is given beside its options. */
export interface LoginRun {
  /** Ends the login. */
  signal: AbortSignal
  /** What `prepare()` has made ready: the window opens straight at the server. */
  prepared?: Prepared | undefined
  /** The generation that the new session may be written over; over any where it is left out. */
  ifGeneration?: number
  /** Called before the page leaves for the server. */
  onRequest?(transaction: Transaction): void
}

/** What the first half of a login is given beside its options. */
interface AuthorizationRun extends LoginRun {
  onStage?(stage: LoginStage): void
  /** Called with a response that comes after the login was given up. */
  onLate?(answer: Answer): void
}

/** A response of the server, with the transaction that it has to fit. */
export interface Answer {
  reply: Reply
  transaction: Transaction
}

/**
 * Logs in over a transport: opens the window, builds the request, pushes it where that is due, goes to the server, waits for its
 * response, redeems that and shows the new state. The window opens before anything is awaited.
 */
export async function login(
  parts: LoginParts,
  transport: LoginTransport,
  options: AuthorizationOptions,
  run: LoginRun,
): Promise<State> {
  const showStage = (stage?: LoginStage) => {
    if (transport.interactive) parts.session.showStage(stage, run)
  }
  const redeem = async (answer: Answer): Promise<State> => {
    showStage('redeeming')
    try {
      await redeemReply(parts, {
        ...answer,
        ...(run.ifGeneration !== undefined && { ifGeneration: run.ifGeneration }),
      })
    } finally {
      showStage()
    }
    return parts.session.getState()
  }
  try {
    const answer = await requestAuthorization(parts, transport, options, {
      ...run,
      onStage: showStage,
      // Nobody waits for it any more: a failure is an event.
      onLate: (late) => void redeem(late).catch(() => {}),
    })
    return await unlessAborted(redeem(answer), run.signal)
  } finally {
    showStage()
  }
}

/** The first half of a login: everything up to the response. */
export async function requestAuthorization(
  parts: RequestParts,
  transport: LoginTransport,
  options: AuthorizationOptions,
  { signal, prepared, onRequest, onStage, onLate }: AuthorizationRun,
): Promise<Answer> {
  const { config, vault } = parts
  // Known already: no window opens for what cannot succeed.
  const metadata = prepared?.metadata ?? config.metadata
  if (metadata) checkAbilities(config, { metadata })
  let request = prepared && buildPreparedRequest(config, prepared, transport, options)
  const window = transport.open(signal, request?.url)
  try {
    onStage?.('opening')
    if (!request) {
      request = await unlessAborted(createAuthorizationRequest(parts, transport, options), signal)
      onRequest?.(request.transaction)
      window.navigate(request)
    }
    onStage?.('waiting')
    const { transaction, serverOrigin } = request
    if (transport.interactive) warmKeys(vault, transaction.scope)
    const reply = window.reply({
      state: transaction.state,
      redirectUri: transaction.redirectUri,
      serverOrigin,
      onLate: (late) => onLate?.({ reply: late, transaction }),
    })
    return { reply: await unlessAborted(reply, signal), transaction }
  } finally {
    window.close()
  }
}

/** The second half of a login: redeems the response, adopts the new session and tells all tabs. */
export function redeemReply(
  { vault, session, emit }: Pick<LoginParts, 'vault' | 'session' | 'emit'>,
  redemption: Omit<Redemption, 'key'>,
): Promise<void> {
  return reportFailure(emit, async () => {
    // A login may have changed what a hidden frame can do.
    const view = await vault.redeem({ ...redemption, hints: { silentFrames: 0 }, key: '' })
    session.apply(view, 'changed', redemption.transaction.appState)
  })
}

/** Runs the end of a login. Whatever fails there is an event too. */
export async function reportFailure<T>(emit: LoginParts['emit'], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    emit({ type: 'login_failed', error: error as AuthError })
    throw error
  }
}

/** Fetches the server's keys while the user types. A failure is none yet: they are asked for again when they are needed. */
export function warmKeys(vault: Pick<Vault, 'warm'>, scope: string): void {
  if (isOpenId(scope)) vault.warm().catch(() => {})
}
