/// <reference types="vite/client" />

// What `quick-starts.ts` puts into the code of the small apps.
interface ImportMetaEnv {
  readonly VITE_ISSUER: string
  readonly VITE_CLIENT_ID: string
  readonly VITE_SCOPE: string
  readonly VITE_RESOURCE?: string
  readonly VITE_ORDERS_URL: string
}

declare module '*.vue' {
  const component: import('vue').Component
  export default component
}
