import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { AppFiles } from './app-files.js'
import { dressPage } from './quick-start-page.js'
import type { QuickStartSettings } from './quick-starts.js'

/**
 * Reads the quick start app without a build step: its files as they are, with the settings filled in. The page contains the hash of
 * the package's script (Subresource Integrity), as a page that loads it from a CDN should.
 */
export async function readScriptTagFiles(settings: QuickStartSettings): Promise<AppFiles> {
  const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')
  const [page, main, style, icon, script] = await Promise.all([
    read('script-tag/index.html'),
    read('script-tag/main.js'),
    read('quick-start.css'),
    read('app/key.svg'),
    read('../dist/latchkey.global.js'),
  ])
  const values: Record<string, string> = {
    ISSUER: settings.issuer,
    CLIENT_ID: settings.clientId,
    SCOPE: settings.scope,
    ORDERS_URL: settings.ordersUrl,
    INTEGRITY: `sha384-${createHash('sha384').update(script).digest('base64')}`,
  }
  const filled = page
    .replace(/%([A-Z_]+)%/g, (_, name: string) => values[name] ?? '')
    // This server supports `resource`, unlike most.
    .replace('data-apis', `data-resource="${settings.resource}" data-apis`)
  return new Map([
    ['/script-tag/index.html', dressPage(filled, 'script-tag', { icon: 'key.svg', look: 'quick-start.css' })],
    ['/script-tag/main.js', main],
    ['/script-tag/quick-start.css', style],
    ['/script-tag/key.svg', icon],
    ['/script-tag/latchkey.global.js', script],
  ])
}
