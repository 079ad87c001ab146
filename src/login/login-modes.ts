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
import { createPopupTransport } from './popup.js'
import { createRedirectTransport, resolveReturnTo, storeRedirect } from './redirect.js'
import type { StepUpLogin } from './step-up.js'

/** The logins of one client. */
export interface Logins {
  /** Logs in by the mode that is asked for. A popup opens before anything is awaited. */
  login(options: StepUpLogin, signal: AbortSignal): Promise<State>
  /** Asks the server in a hidden frame, with `prompt=none`, for a response that needs no user. */
  askInFrame(options: AuthorizationOptions, signal: AbortSignal): Promise<Answer>
  /** Makes the next popup open straight at the server. */
  prepare(): Promise<void>
  /** Brings the windows of logins under way to the front; tells whether there is one. */
  focusWindow(): boolean
}

/** What the logins of a client need. */
interface LoginModesParts extends LoginParts {
  vault: LoginParts['vault'] & Pick<Vault, 'learn'>
  session: LoginParts['session'] & Pick<Session, 'sync'>
}

/** Creates the logins of one client: each mode is a transport, and what it does before and after the pipeline. */
export function createLogins(parts: LoginModesParts): Logins {
  const { config, vault, session, emit } = parts
  const { timeouts } = config
  const windows = new Set<Window>()
  const popup = createPopupTransport({ timeout: timeouts.popup, windows, emit, learn: vault.learn })
  const frame = createFrameTransport({ timeout: timeouts.iframe })
  const redirect = createRedirectTransport()
  let prepared: Prepared | undefined

  const run = (transport: LoginTransport, options: AuthorizationOptions, signal: AbortSignal) =>
    login(parts, transport, options, { signal })

  return {
    async login({ mode = config.mode, signal: _, resource, returnTo, ...rest }, signal) {
      const options: AuthorizationOptions = {
        ...withoutUndefined(rest),
        resources: toResources(resource ?? config.resources),
      }
      switch (mode) {
        case 'popup': {
          const ahead = prepared
          prepared = undefined
          return login(parts, popup, options, { signal, prepared: ahead })
        }
        case 'overlay':
          return config.overlay!.login(
            (transport, until) => run(transport, options, until),
            popup,
            timeouts.popup,
            signal,
          )
        case 'redirect': {
          const back = resolveReturnTo(returnTo ?? location.href)
          // Throws a TypeError for what cannot travel, before anything is sent.
          JSON.stringify(options.appState)
          const onRequest = (transaction: Transaction) => storeRedirect(transaction, back)
          return login(parts, redirect, options, { signal, onRequest })
        }
        case 'silent': {
          // Nobody clicked: a logout in another tab is the last word.
          const { generation: over } = await session.sync()
          return login(parts, frame, { ...options, prompt: 'none' }, { signal, over })
        }
      }
    },
    askInFrame: (options, signal) =>
      requestAuthorization(parts, frame, { ...options, prompt: 'none' }, { signal }),
    async prepare() {
      if (prepared) return
      prepared = await prepareRequest(vault)
      warmKeys(vault, config.scope)
    },
    focusWindow() {
      for (const one of windows) one.focus()
      return windows.size > 0
    },
  }
}
