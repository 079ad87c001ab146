import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AppServer } from './app-server.js'
import { callbackFolder } from './build-consumers.js'

/**
 * Serves an empty page in place of the callback page, so that the response stays in the URL. Returns the function that
 * puts the callback page back.
 */
export function holdCallback(app: AppServer): () => void {
  let body = '<!doctype html><title>Held</title>'
  app.route('/callback.html', () => ({ body }))
  return () => void (body = readFileSync(join(callbackFolder, 'callback.html'), 'utf8'))
}
