import type { LoginTransport } from '../api/login-transport.js'
import type { State } from '../api/state.js'
import { withoutUndefined } from '../base/without-undefined.js'
import { toResources } from '../protocol/resources.js'
import type { Transaction } from '../protocol/transaction.js'
import type { Session } from '../session/session.js'
import type { Vault } from '../vault/vault.js'
import { prepareRequest, type AuthorizationOptions, type Prepared } from './authorization-request.js'
import { createFrameTransport } from './frame.js'
import { login, requestAuthorization, warmKeys, type Answer, type LoginParts } from './login.js'
import type { LoginPopup } from './open-popup.js'
import { createPopupTransport } from './popup.js'
import { dropArrivals } from './redirect-arrival.js'
import { createRedirectTransport, resolveReturnTo, storeRedirect } from './redirect.js'
import type { StepUpLogin } from './step-up.js'

/** The logins of one client. */
export interface Logins {
  /** Logs in by the mode in the options. A popup opens before anything is awaited, unless `popup` is already open. */
  login(options: StepUpLogin, signal: AbortSignal, popup?: LoginPopup): Promise<State>
  /** Sends an authorization request in a hidden frame, with `prompt=none`; `limit` in milliseconds. */
  askInFrame(options: AuthorizationOptions, signal: AbortSignal, limit: number): Promise<Answer>
  /** Makes the next popup open directly at the server. */
  prepare(): Promise<void>
}

/** What the logins of a client need. */
export interface LoginModesParts extends LoginParts {
  /** The windows of pending logins. */
  windows: Set<Window>
  vault: LoginParts['vault'] & Pick<Vault, 'updateHints'>
  session: LoginParts['session'] & Pick<Session, 'sync'>
}

/** Creates the logins of one client. Each mode is a transport, plus what it does before and after the pipeline. */
export function createLogins(parts: LoginModesParts): Logins {
  const { config, vault, session, emit, windows } = parts
  const { timeouts } = config
  const popupOptions = { timeout: timeouts.popup, windows, emit, updateHints: vault.updateHints }
  const popup = createPopupTransport(popupOptions)
  const frame = createFrameTransport({ timeout: timeouts.iframe })
  const redirect = createRedirectTransport()
  let prepared: Prepared | undefined

  const run = (transport: LoginTransport, options: AuthorizationOptions, signal: AbortSignal) =>
    login(parts, transport, options, { signal })

  return {
    async login({ mode = config.mode, signal: _, resource, returnTo, ...rest }, signal, opened) {
      signal.throwIfAborted()
      const options: AuthorizationOptions = {
        ...withoutUndefined(rest),
        resources: toResources(resource ?? config.resources),
      }
      switch (mode) {
        case 'popup': {
          if (opened) return run(createPopupTransport(popupOptions, opened), options, signal)
          const popupRun = { signal, prepared }
          prepared = undefined
          return login(parts, popup, options, popupRun)
        }
        case 'overlay':
          return config.overlay!.login(
            (transport, until) => run(transport, options, until),
            popup,
            timeouts.popup,
            signal,
          )
        case 'external':
          return run(config.external!.createTransport(config), options, signal)
        case 'redirect': {
          const back = resolveReturnTo(returnTo ?? location.href)
          // Throws a TypeError for a value that cannot be stored, before anything is sent.
          JSON.stringify(options.appState)
          const onRequest = (transaction: Transaction) => {
            dropArrivals(config)
            storeRedirect(transaction, back)
          }
          return login(parts, redirect, options, { signal, onRequest })
        }
        case 'silent': {
          // Nobody clicked, so a logout in another tab takes precedence.
          const { generation: ifGeneration } = await session.sync()
          const logIn = () => login(parts, frame, { ...options, prompt: 'none' }, { signal, ifGeneration })
          const readMetadata = async () => JSON.stringify((await vault.server()).metadata)
          const before = await readMetadata()
          return logIn().catch(async (error: unknown) => {
            // If the failure was due to old metadata, and there is new metadata now, the login can succeed.
            if (signal.aborted || before === (await readMetadata())) throw error
            return logIn()
          })
        }
      }
    },
    askInFrame: (options, signal, timeout) =>
      requestAuthorization(
        parts,
        createFrameTransport({ timeout }),
        { ...options, prompt: 'none' },
        { signal },
      ),
    async prepare() {
      if (prepared) return
      prepared = await prepareRequest(vault)
      warmKeys(vault, config.scope)
    },
  }
}
