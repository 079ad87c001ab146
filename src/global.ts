import type { Client } from './api/client.js'
import type { ClientOptions } from './api/client-options.js'
import type { State } from './api/state.js'
import { LoginButton as ModuleLoginButton } from './element/login-button.js'
import { createClient } from './index.js'

export { AuthError, isAuthError, parseChallenges } from './index.js'
export { createClient, indexedDBStore, memoryStore, sessionStore } from './index.js'

declare global {
  interface DocumentEventMap {
    /**
     * The state of the client that the script tag's attributes have made, from the first one after `loading` on, to every
     * listener that is there by then. A client that the page has put in its place is heard by `Latchkey.client.subscribe`.
     */
    'latchkey:state': CustomEvent<Exclude<State, { status: 'loading' }>>
  }
}

/** The client of the same script before: a page may have its tag twice. */
const known = (globalThis as { Latchkey?: { client: Client | undefined } }).Latchkey?.client

/**
 * The client of the script tag's own attributes: `data-issuer`, `data-client-id`, `data-scope`, `data-resource` and `data-apis`
 * (both space-separated), `data-redirect-uri`, `data-mode`. Undefined without the first two. A page that needs other options puts
 * a client of `Latchkey.createClient` in its place, before the first `<login-button>`.
 */
export const client: Client | undefined = known ?? createOwnClient()

/** The class of `<login-button>` here: one without a client of its own works with `Latchkey.client`. */
export const LoginButton: typeof ModuleLoginButton = class extends ModuleLoginButton {
  override get client(): Client | undefined {
    // While this script runs there is no `Latchkey` yet.
    const { Latchkey = { client } } = globalThis as { Latchkey?: { client: Client | undefined } }
    return super.client ?? Latchkey.client
  }

  override set client(given: Client | null | undefined) {
    super.client = given
  }
}

if (!customElements.get('login-button')) customElements.define('login-button', LoginButton)
if (client && !known) announceStates(client)

function createOwnClient(): Client | undefined {
  const { issuer, clientId, scope, resource, apis, redirectUri, mode } = {
    ...(document.currentScript as HTMLScriptElement | null)?.dataset,
  }
  if (issuer === undefined && clientId === undefined) return undefined
  const options = {
    issuer,
    clientId,
    scope,
    resource: resource && splitWords(resource),
    apis: apis && splitWords(apis).map((url) => ({ url })),
    redirectUri,
    mode,
  }
  // What is missing or wrong is a TypeError.
  return createClient(options as ClientOptions)
}

function splitWords(list: string): string[] {
  return list.split(/\s+/).filter(Boolean)
}

/**
 * Dispatches `latchkey:state` on the document with each state. Nothing is said before all scripts of the page have had their
 * chance to listen, wherever they stand.
 */
function announceStates(client: Client): void {
  const announce = (detail: State) =>
    void document.dispatchEvent(new CustomEvent('latchkey:state', { detail }))
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
        // After the other listeners of this event, which may add one.
        setTimeout(start)
      },
      { signal: started.signal },
    )
}
