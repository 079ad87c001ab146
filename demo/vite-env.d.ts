/// <reference types="vite/client" />

// The settings that `quick-starts.ts` injects into the quick start apps.
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
