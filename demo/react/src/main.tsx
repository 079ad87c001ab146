import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createClient } from 'latchkey'
import { AuthProvider } from 'latchkey/react'
import { App } from './App'

const { VITE_ISSUER, VITE_CLIENT_ID, VITE_SCOPE, VITE_RESOURCE, VITE_ORDERS_URL } = import.meta.env

const client = createClient({
  issuer: VITE_ISSUER,
  clientId: VITE_CLIENT_ID,
  scope: VITE_SCOPE,
  // Only for servers that support it (RFC 8707).
  ...(VITE_RESOURCE && { resource: VITE_RESOURCE }),
  apis: [{ url: VITE_ORDERS_URL }],
})

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <AuthProvider client={client}>
      <App />
    </AuthProvider>
  </StrictMode>,
)
