import { renderToString } from 'react-dom/server'
import { createClient } from 'latchkey'
import { App } from './app.js'

// The test app as a server renders it.
const client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
process.stdout.write(renderToString(<App client={client} />))
