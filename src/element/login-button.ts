import type { AuthError } from '../base/errors.js'
import type { Claims } from '../api/claims.js'
import type { Client } from '../api/client.js'
import type { ClientOptions } from '../api/client-options.js'
import type { Reason, State } from '../api/state.js'
import { createClient } from '../index.js'
import { chooseLook, type Doings } from './look.js'
import { buildView, type View } from './view.js'

/** The events of a `<login-button>`. They bubble, and cross shadow DOM boundaries. */
export interface LoginButtonEventMap extends HTMLElementEventMap {
  /**
   * Fires when the user is logged in: at page load, or after a login in any tab. Its `detail` is null without the scope `openid`.
   *
   * @example
   * document.querySelector('login-button')?.addEventListener('login', ({ detail }) => show(detail?.name ?? detail?.sub))
   */
  login: CustomEvent<Claims | null>
  /**
   * Fires when the user is no longer logged in, with the reason if known.
   *
   * @example
   * document.querySelector('login-button')?.addEventListener('logout', () => show('Goodbye'))
   */
  logout: CustomEvent<Reason | undefined>
  /**
   * Fires when an action of the button or a redirect login fails; the button also shows the error. A cancelled login does not count as
   * a failure. A `TypeError` names an attribute that is missing or invalid.
   *
   * @example
   * document.querySelector('login-button')?.addEventListener('login-error', ({ detail }) => console.warn(detail.message))
   */
  'login-error': CustomEvent<AuthError | TypeError>
}

// Node has no HTMLElement. The class can be imported there, but not used.
const BaseHTMLElement: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement)

/**
 * A button that logs the user in and out, and shows who is logged in. The class of `<login-button>`, which
 * `latchkey/element/define` registers.
 *
 * Attributes: `issuer`, `client-id`, `scope`, `resource` (space-separated), `mode` and `redirect-uri` are the options of the
 * button's own client, which is closed when the button is removed, and created again when an attribute changes. They are ignored
 * if you set `client`. `return-to` is where the server sends the user after a logout. `disabled` disables the button.
 *
 * Slots replace the built-in texts: `log-in`, `log-out`, `show-window`, `cancel`, `opening`, `waiting`, `redeeming`,
 * `logged-in`, `logged-out`, `session-lost`, `user`, `error`, and `error-` followed by a code of `AuthError`. Content without a
 * slot is shown only until the element is defined, such as a link for pages without JavaScript.
 *
 * Parts: `button` (with `log-in`, `log-out`, `show-window` or `cancel`), `status` (with `progress` or `user`), `error`.
 */
export class LoginButton extends BaseHTMLElement {
  /** @internal */
  static readonly observedAttributes: readonly string[] = [
    ...['issuer', 'client-id', 'scope', 'resource', 'mode', 'redirect-uri', 'disabled'],
  ]

  readonly #view: View
  #appClient: Client | undefined
  #ownClient: Client | undefined
  #stop: (() => void) | undefined
  #attempt: AbortController | undefined
  #busy: Doings['busy']
  #state: State | undefined
  #before: State | undefined
  #error: Error | undefined
  #stale = false

  constructor() {
    super()
    this.#view = buildView(this.attachShadow({ mode: 'open', delegatesFocus: true }))
    const { main, cancel } = this.#view
    main.addEventListener('click', this.#act)
    cancel.addEventListener('click', () => this.#attempt?.abort())
    // Metadata, keys and PKCE are then ready before the click, and the popup opens directly at the server.
    for (const type of ['pointerenter', 'focus']) main.addEventListener(type, this.#prepare)
    // If `client` was set before the element was upgraded, it is an own property that hides the accessor.
    if (Object.hasOwn(this, 'client')) {
      const { client } = this
      delete (this as { client?: unknown }).client
      this.client = client
    }
    this.#render()
  }

  /** The client that the button uses: the one you set, which the button never closes, or its own. */
  get client(): Client | undefined {
    return this.#appClient ?? this.#ownClient
  }

  set client(client: Client | null | undefined) {
    this.#appClient = client ?? undefined
    if (this.#stop) this.#restart()
  }

  /**
   * Whether the button is disabled. Reflects the `disabled` attribute.
   *
   * @example
   * document.querySelector('login-button')!.disabled = true
   * @default false
   */
  get disabled(): boolean {
    return this.hasAttribute('disabled')
  }

  set disabled(disabled: boolean) {
    this.toggleAttribute('disabled', disabled)
  }

  /** @internal */
  connectedCallback(): void {
    if (!this.#stop) this.#restart()
  }

  /** @internal */
  disconnectedCallback(): void {
    // Moving the element within the page disconnects it, too.
    queueMicrotask(() => this.isConnected || this.#end())
  }

  /** @internal */
  attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    if (name === 'disabled') return this.#render()
    if (old === value || this.#appClient || !this.#stop || this.#stale) return
    this.#stale = true
    // Several attributes may change at once.
    queueMicrotask(() => this.isConnected && this.#stale && this.#restart())
  }

  #end(): void {
    this.#stop?.()
    this.#ownClient?.close()
    this.#stop = this.#ownClient = this.#attempt = this.#busy = undefined
    this.#state = this.#before = this.#error = undefined
  }

  #restart(): void {
    this.#end()
    this.#stale = false
    this.#stop = () => {}
    try {
      if (!this.#appClient && (this.hasAttribute('issuer') || this.hasAttribute('client-id')))
        this.#ownClient = createClient(this.#readOptions())
      const { client } = this
      this.#stop = client?.subscribe(this.#follow) ?? this.#stop
      if (client) this.#follow(client.getState())
    } catch (error) {
      this.#fail(error as TypeError)
      // This is a mistake in the page: the browser reports it like any uncaught error.
      reportError(error)
    }
    this.#render()
  }

  #readOptions(): ClientOptions {
    const read = (name: string) => this.getAttribute(name) ?? undefined
    const options = {
      issuer: read('issuer'),
      clientId: read('client-id'),
      scope: read('scope'),
      resource: read('resource')?.split(/\s+/).filter(Boolean),
      mode: read('mode'),
      redirectUri: read('redirect-uri'),
    }
    // createClient throws a TypeError if one is missing or wrong.
    return options as ClientOptions
  }

  #follow = (state: State): void => {
    const before = (this.#before = this.#state)
    this.#state = state
    const user = (one: State | undefined) => one?.status === 'logged-in' && `${one.user?.sub}`
    if (state.status === 'logged-in') this.#error = undefined
    this.#render()
    if (state.status === 'loading') return
    if (user(state) !== user(before))
      if (state.status === 'logged-in') this.#emit('login', state.user)
      else this.#emit('logout', state.reason)
    if (state.error && state.error !== (before as typeof state | undefined)?.error) this.#fail(state.error)
  }

  #prepare = (): void => {
    const state = this.#state
    // Preparation is optional: the login itself reports what is wrong.
    if (state?.status === 'logged-out' && !state.login) this.client?.prepare().catch(() => {})
  }

  #act = async (event: MouseEvent): Promise<void> => {
    const { client } = this
    // The second click of a double click is not meant for the new action that the first one gave the button.
    if (!client || this.#view.main.ariaDisabled === 'true' || event.detail > 1) return
    if (this.#isUnderWay() && client.focusWindow()) return
    const stop = this.#stop
    const attempt = (this.#attempt = new AbortController())
    this.#error = undefined
    const returnTo = this.getAttribute('return-to')
    try {
      this.#busy = this.#state?.status === 'logged-in' ? 'logout' : 'login'
      const done: Promise<unknown> =
        this.#busy === 'login'
          ? client.login({ signal: attempt.signal })
          : client.logout(returnTo === null ? {} : { returnTo })
      if (this.#busy === 'login' && !this.#isUnderWay()) this.#busy = 'redirect'
      this.#render()
      await done
    } catch (error) {
      // The user came back to this page or never left it, and can see that: not a failure to show.
      const stayed = (error as AuthError).code === 'redirect_not_left'
      if (this.#stop === stop && !attempt.signal.aborted && !stayed) this.#fail(error as AuthError)
    } finally {
      if (this.#stop === stop) {
        this.#busy = undefined
        this.#render()
      }
    }
  }

  #isUnderWay(): boolean {
    return chooseLook(this.#state, {}).action === 'show-window'
  }

  #fail(error: AuthError | TypeError): void {
    this.#error = error
    this.#render()
    this.#emit('login-error', error)
  }

  #emit<Type extends 'login' | 'logout' | 'login-error'>(
    type: Type,
    detail: LoginButtonEventMap[Type]['detail'],
  ): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }))
  }

  #render(): void {
    const look = chooseLook(this.#state, { before: this.#before, busy: this.#busy })
    this.#view.show({ ...look, off: look.off || this.disabled }, this.#error)
  }
}

export interface LoginButton {
  /**
   * Adds an event listener. Typed for the button's own events, too.
   *
   * @example
   * const loginButton = document.querySelector('login-button')
   * loginButton?.addEventListener('login', ({ detail }) => show(detail?.email), { once: true })
   */
  addEventListener<Type extends keyof LoginButtonEventMap>(
    type: Type,
    listener: (this: LoginButton, event: LoginButtonEventMap[Type]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void
}
