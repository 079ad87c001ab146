import { buildAppFiles, type AppFiles } from './app-files.js'
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

/** The small apps by their folder, each the code of a quick start. They are one client, and share one session. */
export const quickStarts = ['vanilla', 'react', 'vue', 'script-tag'] as const

/** Creates the function that finds a file of a small app. An app is built when it is asked for the first time. */
export function createQuickStarts(
  settings: QuickStartSettings,
): (path: string) => Promise<string | Uint8Array | undefined> {
  const { issuer, clientId, scope, resource, ordersUrl } = settings
  const variables = {
    VITE_ISSUER: issuer,
    VITE_CLIENT_ID: clientId,
    VITE_SCOPE: scope,
    VITE_RESOURCE: resource,
    VITE_ORDERS_URL: ordersUrl,
  }
  const define = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [`import.meta.env.${name}`, JSON.stringify(value)]),
  )
  const built = new Map<string, Promise<AppFiles>>()
  return async (path) => {
    const folder = quickStarts.find((name) => path.startsWith(`/${name}/`))
    if (!folder) return undefined
    const make = () =>
      folder === 'script-tag'
        ? readScriptTagFiles(settings)
        : buildAppFiles({ folder, base: `/${folder}/`, define })
    const files = built.get(folder) ?? make()
    built.set(folder, files)
    return (await files).get(path)
  }
}
