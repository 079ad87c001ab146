import { buildAppFiles, type AppFiles } from './app-files.js'
import { dressPage, quickStarts } from './quick-start-page.js'
import { readScriptTagFiles } from './script-tag-files.js'

/** What the small apps must know, which all of them get as Vite's variables of the environment. */
export interface QuickStartSettings {
  issuer: string
  clientId: string
  scope: string
  /** The resource (RFC 8707) that the orders API is. */
  resource: string
  /** The orders API's origin. */
  ordersUrl: string
}

/** What stands in the file `.env` of a reader whose app shall log in here. */
export function buildVariables(settings: QuickStartSettings): Record<string, string> {
  return {
    VITE_ISSUER: settings.issuer,
    VITE_CLIENT_ID: settings.clientId,
    VITE_SCOPE: settings.scope,
    VITE_ORDERS_URL: settings.ordersUrl,
    VITE_RESOURCE: settings.resource,
  }
}

/** Creates the function that finds a file of a small app. An app is built when it is asked for the first time. */
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
