import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AppServer } from './app-server.js'
import { consumersFolder } from './build-consumers.js'

/** What a server can do to a file that a page loads later. */
export const engineFaults = ['missing', 'replaced by a page', 'cut'] as const

/** The engine's file as an app's server serves it. */
export interface EngineFile {
  /** What is wrong with it from now on; nothing when it is left out. */
  serve(fault?: (typeof engineFaults)[number]): void
  /** Answers no request for it before `release`. */
  hold(): void
  release(): void
  /** How often it was requested. */
  count(): number
}

/** Has an app use `latchkey/lazy`, with an engine's file that can fail. */
export function serveEngine(app: AppServer): EngineFile {
  app.bundle = 'lazy/latchkey.js'
  let fault: (typeof engineFaults)[number] | undefined
  let held = Promise.resolve()
  let release = () => {}
  app.route('/engine.js', async () => {
    await held
    const code = readFileSync(join(consumersFolder, 'lazy/engine.js'), 'utf8')
    const headers = { 'content-type': 'text/javascript; charset=utf-8' }
    if (fault === 'missing') return { status: 404, body: 'Not found' }
    if (fault === 'replaced by a page') return { body: '<!doctype html><title>The app</title>' }
    return { headers, body: fault === 'cut' ? code.slice(0, code.length / 2) : code }
  })
  return {
    serve(next) {
      fault = next
    },
    hold() {
      held = new Promise((resolve) => (release = resolve))
    },
    release: () => release(),
    count: () => app.requests.filter(({ path }) => path === '/engine.js').length,
  }
}
