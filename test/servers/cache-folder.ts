import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The folder outside of the repository where servers are kept between runs; made if it is missing. */
export function cacheFolder(...names: string[]): string {
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const folder = join(caches, 'latchkey', ...names)
  mkdirSync(folder, { recursive: true })
  return folder
}
