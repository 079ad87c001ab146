import type { Client } from './api/client.js'
import type { ClientOptions } from './api/client-options.js'
import type { State } from './api/state.js'
import { LoginButton as ModuleLoginButton } from './element/login-button.js'
import { createClient } from './index.js'
import { withoutPrototype } from './base/without-prototype.js'

export { AuthError, isAuthError, parseChallenges } from './index.js'
export { createClient, indexedDBStore, memoryStore, sessionStore } from './index.js'

declare global {
  interface DocumentEventMap {
    /**
     * The state of the client that was created from the script tag's attributes, starting with the first state after `loading`.
     * If the page replaces that client, use `Latchkey.client.subscribe` for the new one.
     */
    'latchkey:state': CustomEvent<Exclude<State, { status: 'loading' }>>
  }
}

/** The client of an earlier run of this script: a page may contain the tag twice. */
const earlier = (globalThis as { Latchkey?: { client: Client | undefined } }).Latchkey?.client

/**
 * The client created from the script tag's attributes: `data-issuer`, `data-client-id`, `data-scope`, `data-resource` and
 * `data-apis` (both space-separated), `data-redirect-uri`, `data-mode`, `data-tenants` and `data-end-session-url`. Undefined without the
 * first two. If you need other options, replace it with a client from `Latchkey.createClient`, before the first `<login-button>`.
 */
export const client: Client | undefined = earlier ?? createOwnClient()

/** The class of `<login-button>` in this build: a button without its own client uses `Latchkey.client`. */
export const LoginButton: typeof ModuleLoginButton = class extends ModuleLoginButton {
  override get client(): Client | undefined {
    // While this script runs, `Latchkey` is not defined yet.
    const { Latchkey = { client } } = globalThis as { Latchkey?: { client: Client | undefined } }
    return super.client ?? Latchkey.client
  }

  override set client(value: Client | null | undefined) {
    super.client = value
  }
}

if (!customElements.get('login-button')) customElements.define('login-button', LoginButton)
if (client && !earlier) announceStates(client)

function createOwnClient(): Client | undefined {
  const { issuer, clientId, tenants, scope, resource, apis, redirectUri, mode, endSessionUrl } =
    withoutPrototype({
      ...findOwnScript()?.dataset,
    })
  if (issuer === undefined && clientId === undefined) return undefined
  const options = {
    issuer,
    clientId,
    tenants: tenants === 'any' ? tenants : tenants && splitWords(tenants),
    scope,
    resource: resource && splitWords(resource),
    apis: apis && splitWords(apis).map((url) => ({ url })),
    redirectUri,
    mode,
    endSessionUrl,
  }
  // createClient throws a TypeError if one is missing or wrong.
  return createClient(options as ClientOptions)
}

/** Finds the script tag that runs now. Markup hides `document.currentScript`: `<img name="currentScript">` would be taken for it. */
function findOwnScript(): HTMLScriptElement | undefined {
  const script: unknown = Reflect.get(Document.prototype, 'currentScript', document)
  return script instanceof HTMLScriptElement ? script : undefined
}

function splitWords(list: string): string[] {
  return list.split(/\s+/).filter(Boolean)
}

/**
 * Dispatches `latchkey:state` on the document for each state, but not before every script of the page, wherever it is, could add
 * a listener.
 */
function announceStates(client: Client): void {
  const announce = (detail: State) =>
    void EventTarget.prototype.dispatchEvent.call(document, new CustomEvent('latchkey:state', { detail }))
  const start = () => {
    if (client.getState().status !== 'loading') announce(client.getState())
    client.subscribe(announce)
  }
  const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  if (page?.domContentLoadedEventEnd) return void setTimeout(start)
  const started = new AbortController()
  for (const type of ['DOMContentLoaded', 'load'])
    addEventListener(
      type,
      () => {
        started.abort()
        // After the other listeners of this event, which may add a listener for `latchkey:state`.
        setTimeout(start)
      },
      { signal: started.signal },
    )
}
