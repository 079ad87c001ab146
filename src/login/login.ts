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
import { dropArrivals } from './redirect-arrival.js'
import { withoutPrototype } from '../base/without-prototype.js'

/** What a login needs from its client. */
export interface LoginParts {
  config: Config
  vault: Pick<Vault, 'server' | 'push' | 'warm' | 'redeem'>
  session: Pick<Session, 'apply' | 'getState' | 'showStage'>
  emit(event: AuthEvent): void
}

/** What an authorization request needs from its client. */
interface RequestParts {
  config: Config
  vault: Pick<Vault, 'server' | 'push' | 'warm'>
}

/** The circumstances of a login, in addition to its options. */
export interface LoginRun {
  /** Ends the login. */
  signal: AbortSignal
  /** The result of `prepare()`. With it, the window opens directly at the server. */
  prepared?: Prepared | undefined
  /** The generation that the new session may replace; any generation if omitted. */
  ifGeneration?: number | undefined
  /** Called before the page leaves for the server. */
  onRequest?(transaction: Transaction): void
}

/** The circumstances of the first half of a login. */
interface AuthorizationRun extends LoginRun {
  onStage?(stage: LoginStage): void
  /** Called with a response that arrives after the login was rejected. */
  onLate?(answer: Answer): void
}

/** A response of the server, and the transaction that it has to match. */
export interface Answer {
  reply: Reply
  transaction: Transaction
}

/**
 * Logs in over a transport: opens the window, builds the request, pushes it if necessary, navigates to the server, waits for its
 * response, redeems it and shows the new state. The window opens before anything is awaited.
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
      await redeemReply(parts, () => ({ ...answer, ifGeneration: run.ifGeneration }))
      // A redirect login that returned earlier, and could not be completed, is outdated.
      dropArrivals(parts.config)
    } finally {
      showStage()
    }
    return parts.session.getState()
  }
  try {
    const answer = await requestAuthorization(parts, transport, options, {
      ...run,
      onStage: showStage,
      // The call has already rejected, so a failure is only an event.
      onLate: (late) => void redeem(late).catch(() => {}),
    })
    return await unlessAborted(redeem(answer), run.signal)
  } finally {
    showStage()
  }
}

/** Runs the first half of a login, up to the response. */
export async function requestAuthorization(
  parts: RequestParts,
  transport: LoginTransport,
  allOptions: AuthorizationOptions,
  { signal, prepared, onRequest, onStage, onLate }: AuthorizationRun,
): Promise<Answer> {
  const { config, vault } = parts
  const options = withoutPrototype(allOptions)
  // If the metadata is already known, no window opens for a login that cannot succeed.
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

/**
 * Runs the second half of a login: redeems the response, adopts the new session and announces it to all tabs. A failure is also an
 * event.
 */
export async function redeemReply(
  { vault, session, emit }: Pick<LoginParts, 'vault' | 'session' | 'emit'>,
  getRedemption: () => Pick<Redemption, 'reply' | 'transaction' | 'ifGeneration'>,
): Promise<void> {
  try {
    const redemption = getRedemption()
    const view = await vault.redeem(withoutPrototype({ ...redemption, key: '' }))
    session.apply(view, 'changed', redemption.transaction.appState)
  } catch (error) {
    emit({ type: 'login_failed', error: error as AuthError })
    throw error
  }
}

/** Fetches the keys of the server while the user types. A failure is ignored: they are fetched again when they are needed. */
export function warmKeys(vault: Pick<Vault, 'warm'>, scope: string): void {
  if (isOpenId(scope)) vault.warm().catch(() => {})
}
