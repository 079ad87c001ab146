import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { AppFiles } from './app-files.js'
import type { QuickStartSettings } from './quick-starts.js'

/**
 * Reads the small app that nothing is built for: its files as they are, but for what the page must know. The file of the
 * package has its hash in the page (Subresource Integrity), as a page would have it that loads it from somebody else.
 */
export async function readScriptTagFiles(settings: QuickStartSettings): Promise<AppFiles> {
  const sources = {
    'index.html': 'script-tag/index.html',
    'main.js': 'script-tag/main.js',
    'quick-start.css': 'quick-start.css',
    'key.svg': 'app/key.svg',
    'latchkey.global.js': '../dist/latchkey.global.js',
  }
  const texts = await Promise.all(
    Object.values(sources).map((path) => readFile(new URL(path, import.meta.url), 'utf8')),
  )
  const files: AppFiles = new Map(Object.keys(sources).map((name, at) => [`/script-tag/${name}`, texts[at]!]))
  const [page, script] = [texts[0]!, texts[4]!]
  const values: Record<string, string> = {
    ISSUER: settings.issuer,
    CLIENT_ID: settings.clientId,
    SCOPE: settings.scope,
    RESOURCE: settings.resource,
    ORDERS_URL: settings.ordersUrl,
    INTEGRITY: `sha384-${createHash('sha384').update(script).digest('base64')}`,
  }
  return files.set(
    '/script-tag/index.html',
    page.replace(/%([A-Z_]+)%/g, (_, name: string) => values[name] ?? ''),
  )
}
