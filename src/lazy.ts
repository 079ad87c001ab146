import type { Client } from './api/client.js'
import type { ClientOptions } from './api/client-options.js'
import { wireClient } from './client.js'
import { createLazyEngine } from './lazy-engine.js'

/**
 * Creates a client that loads most of its code later. It works like the client of `latchkey`, but the code that talks to the
 * authorization server is a separate file. That file is loaded when it is first needed, or once the page is idle.
 *
 * A page with a live session shows its user, returns stored tokens and calls its APIs without that file. This needs a bundler that
 * splits code at `import()`. If the file cannot be loaded (the device is offline, or a deploy has replaced the file), calls that
 * need it reject with `code_not_loaded`, and the session stays as it is. A redirect login that has just returned is completed by a
 * reload. Firefox before version 155 does not request a file again after it has failed to load: reload the page there.
 *
 * Import everything else from `latchkey`.
 *
 * @example
 * import { createClient } from 'latchkey/lazy'
 * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
 * @see RFC 10017 section 6.3
 */
export function createClient(options: ClientOptions): Client {
  return wireClient(options, (parts) => createLazyEngine(() => import('./engine.js'), parts))
}
