import { renderToString } from 'react-dom/server'
import { createClient } from 'latchkey'
import { App } from './app.js'

/** Renders the test app as a server would. */
export async function render(): Promise<string> {
  const client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
  return renderToString(<App client={client} />)
}
