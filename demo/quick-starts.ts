import { buildAppFiles, type AppFiles } from './app-files.js'
import { dressPage, quickStarts } from './quick-start-page.js'
import { readScriptTagFiles } from './script-tag-files.js'

/** The settings of the quick start apps, which they receive as Vite environment variables. */
export interface QuickStartSettings {
  issuer: string
  clientId: string
  scope: string
  /** The resource identifier (RFC 8707) of the orders API. */
  resource: string
  /** The orders API's origin. */
  ordersUrl: string
}

/** Builds the `.env` variables for a reader's app that logs in here. */
export function buildVariables(settings: QuickStartSettings): Record<string, string> {
  return {
    VITE_ISSUER: settings.issuer,
    VITE_CLIENT_ID: settings.clientId,
    VITE_SCOPE: settings.scope,
    VITE_ORDERS_URL: settings.ordersUrl,
    VITE_RESOURCE: settings.resource,
  }
}

/** Creates the function that finds a file of a quick start app. An app is built at the first request for it. */
export function createQuickStarts(
  settings: QuickStartSettings,
): (path: string) => Promise<string | Uint8Array | undefined> {
  const define = Object.fromEntries(
    Object.entries(buildVariables(settings)).map(([name, value]) => [
      `import.meta.env.${name}`,
      JSON.stringify(value),
    ]),
  )
  const built = new Map<string, Promise<AppFiles>>()
  return async (path) => {
    const folder = quickStarts.find((name) => path.startsWith(`/${name}/`))
    if (!folder) return undefined
    const make = () =>
      folder === 'script-tag'
        ? readScriptTagFiles(settings)
        : buildAppFiles({
            folder,
            base: `/${folder}/`,
            define,
            dress: (html) => dressPage(html, folder, { icon: '../app/key.svg', look: '../quick-start.css' }),
          })
    const files = built.get(folder) ?? make()
    built.set(folder, files)
    return (await files).get(path)
  }
}
