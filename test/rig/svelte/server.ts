import { render } from 'svelte/server'
import { createClient } from 'latchkey'
import App from './App.svelte'

// The test app as a server renders it.
const client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
process.stdout.write(render(App, { props: { client } }).body)
