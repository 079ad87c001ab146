import type { AuthError } from '../base/errors.js'
import type { Claims } from '../api/claims.js'
import type { Client } from '../api/client.js'
import type { ClientOptions } from '../api/client-options.js'
import type { Reason, State } from '../api/state.js'
import { createClient } from '../index.js'
import { chooseLook, type Doings } from './look.js'
import { buildView, type View } from './view.js'

/** The events of a `<login-button>`. They bubble, and leave shadow trees. */
export interface LoginButtonEventMap extends HTMLElementEventMap {
  /**
   * The user is logged in: found so when the page loaded, or from now on, whoever did it. Null without the scope `openid`.
   *
   * @example
   * document.querySelector('login-button')?.addEventListener('login', ({ detail }) => show(detail?.name))
   */
  login: CustomEvent<Claims | null>
  /**
   * The user is logged in no more, with the reason where it is known.
   *
   * @example
   * document.querySelector('login-button')?.addEventListener('logout', () => show('Goodbye'))
   */
  logout: CustomEvent<Reason | undefined>
  /**
   * What the button did has failed, or a redirect login that came back, and the button says so. A cancelled login is no failure. A
   * `TypeError` names an attribute that is missing or wrong.
   *
   * @example
   * document.querySelector('login-button')?.addEventListener('login-error', ({ detail }) => console.warn(detail.message))
   */
  'login-error': CustomEvent<AuthError | TypeError>
}

// Node has no HTMLElement: there the class can be imported, and no more.
const BaseHTMLElement: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement)

/**
 * A button that logs the user in, and out, and says who is logged in: the class of `<login-button>`, which
 * `latchkey/element/define` registers.
 *
 * The attributes `issuer`, `client-id`, `scope`, `resource` (space-separated), `mode` and `redirect-uri` are the options of a
 * client of its own, which is closed when the button is removed, and made anew when an attribute changes. They do not count once
 * `client` is set. `return-to` is where the server sends the user after a logout. While it is `disabled` the button does nothing.
 *
 * Slots, each with a text in place of ours: `log-in`, `log-out`, `show-window`, `cancel`, `opening`, `waiting`, `redeeming`,
 * `logged-in`, `logged-out`, `session-lost`, `user`, `error`, and `error-` with a code of `AuthError`. What is in no slot is
 * shown only while this class is not there: a link, for pages without JavaScript. Parts: `button` (with `log-in`, `log-out`,
 * `show-window` or `cancel`), `status` (with `progress` or `user`), `error`.
 */
export class LoginButton extends BaseHTMLElement {
  /** @internal */
  static readonly observedAttributes: readonly string[] = [
    ...['issuer', 'client-id', 'scope', 'resource', 'mode', 'redirect-uri', 'disabled'],
  ]

  readonly #view: View
  #given: Client | undefined
  #own: Client | undefined
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
    // Metadata, keys and PKCE are ready when the click comes, and the window opens straight at the server.
    for (const type of ['pointerenter', 'focus']) main.addEventListener(type, this.#prepare)
    // Set before this class was there: a property of the element itself, which hides the accessor.
    if (Object.hasOwn(this, 'client')) {
      const { client } = this
      delete (this as { client?: unknown }).client
      this.client = client
    }
    this.#render()
  }

  /** The client that the button works with: the one that was given, which it never closes, else its own. */
  get client(): Client | undefined {
    return this.#given ?? this.#own
  }

  set client(client: Client | null | undefined) {
    this.#given = client ?? undefined
    if (this.#stop) this.#restart()
  }

  /**
   * Whether the button does nothing: the attribute of that name.
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
    // A move within the page takes it out, too.
    queueMicrotask(() => this.isConnected || this.#end())
  }

  /** @internal */
  attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    if (name === 'disabled') return this.#render()
    if (old === value || this.#given || !this.#stop || this.#stale) return
    this.#stale = true
    // Several may change together.
    queueMicrotask(() => this.isConnected && this.#stale && this.#restart())
  }

  #end(): void {
    this.#stop?.()
    this.#own?.close()
    this.#stop = this.#own = this.#attempt = this.#busy = undefined
    this.#state = this.#before = this.#error = undefined
  }

  #restart(): void {
    this.#end()
    this.#stale = false
    this.#stop = () => {}
    try {
      if (!this.#given && (this.hasAttribute('issuer') || this.hasAttribute('client-id')))
        this.#own = createClient(this.#readOptions())
      const { client } = this
      this.#stop = client?.subscribe(this.#follow) ?? this.#stop
      if (client) this.#follow(client.getState())
    } catch (error) {
      this.#fail(error as TypeError)
      // The page's own mistake: shown by the browser as one.
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
    // What is missing or wrong is a TypeError.
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
    // It is an advantage and no duty: the login itself says what is wrong.
    if (state?.status === 'logged-out' && !state.login) this.client?.prepare().catch(() => {})
  }

  #act = async (event: MouseEvent): Promise<void> => {
    const { client } = this
    // Neither is the second click of a double click for what the first one has made of the button.
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
      // Back on this page, or never left: what the user wanted, and sees.
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
   * Adds a listener, with the button's own events among those that it knows.
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
