import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { AppServer } from './app-server.js'
import { callbackFolder } from './build-consumers.js'

/** What a server can do to the file of a worker. */
export const workerFaults = ['missing', 'replaced by a page', 'broken', 'never answered'] as const

/** The file of a vault's worker as an app's server serves it. */
export interface WorkerFile {
  /** What is wrong with it from now on; nothing when it is left out. */
  serve(fault?: (typeof workerFaults)[number]): void
  /** Lets go what is not answered. */
  release(): void
}

/** What a test can have a worker do, by a channel that only the test's file has. */
const backDoor = `
new BroadcastChannel('back door').onmessage = ({ data }) => {
  if (data === 'crash') close()
  // Blocks the worker without using the processor: this is never answered.
  if (data === 'hang') {
    const request = new XMLHttpRequest()
    request.open('GET', '/never', false)
    request.send()
  }
}
`

/** Has an app serve a worker's file that can fail, and whose worker can be made to crash or to hang. */
export function serveWorker(app: AppServer): WorkerFile {
  let fault: (typeof workerFaults)[number] | undefined
  const code = readFileSync(join(callbackFolder, 'worker.js'), 'utf8')
  const headers = { 'content-type': 'text/javascript; charset=utf-8' }
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  app.route('/never', async () => {
    await released
    return { status: 404 }
  })
  app.route('/worker.js', async () => {
    if (fault === 'missing') return { status: 404, body: 'Not found' }
    if (fault === 'replaced by a page') return { body: '<!doctype html><title>The app</title>' }
    if (fault === 'broken') return { headers, body: 'throw new Error("broken")' }
    if (fault === 'never answered') await released
    return { headers, body: code + backDoor }
  })
  return {
    serve(next) {
      fault = next
    },
    release: () => release(),
  }
}

/** Has the worker of a page crash or hang. */
export async function disturbWorker(page: Page, how: 'crash' | 'hang'): Promise<void> {
  await page.evaluate((message) => new BroadcastChannel('back door').postMessage(message), how)
}
