import { createApp } from 'vue'
import { createClient } from 'latchkey'
import { createAuth } from 'latchkey/vue'
import App from './App.vue'

const { VITE_ISSUER, VITE_CLIENT_ID, VITE_SCOPE, VITE_RESOURCE, VITE_ORDERS_URL } = import.meta.env

const client = createClient({
  issuer: VITE_ISSUER,
  clientId: VITE_CLIENT_ID,
  scope: VITE_SCOPE,
  // Only for servers that support it (RFC 8707).
  ...(VITE_RESOURCE && { resource: VITE_RESOURCE }),
  apis: [{ url: VITE_ORDERS_URL }],
})

createApp(App).use(createAuth(client)).mount('#app')
