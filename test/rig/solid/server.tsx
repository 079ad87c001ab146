import { generateHydrationScript, renderToString } from 'solid-js/web'
import { createClient } from 'latchkey'
import { App } from './app.js'

// The test app as a server renders it, and what the head of the page has for it.
const client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
const body = renderToString(() => <App client={client} />)
process.stdout.write(`${body}<!--head-->${generateHydrationScript()}`)
