import { createSSRApp } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { createClient } from 'latchkey'
import { createAuth } from 'latchkey/vue'
import { RenderedPage } from './app.js'

// The test app as a server renders it.
const client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
process.stdout.write(await renderToString(createSSRApp(RenderedPage).use(createAuth(client))))
