import { createSSRApp } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { createClient } from 'latchkey'
import { createAuth } from 'latchkey/vue'
import { Page } from './app.js'

/** Renders the test app as a server would. */
export async function render(): Promise<string> {
  const client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
  return renderToString(createSSRApp(Page).use(createAuth(client)))
}
