import type { BrowserContext } from '@playwright/test'
import type { AppServer } from './app-server.js'

/**
 * The part of a native shell that opens pages of the server: a window of the browser that the app's own page knows nothing about. The
 * app reaches it by `openByHostApp` of the test page, and gets the URL that the window was sent to.
 */
export interface HostApp {
  /** Where its responses come to: another origin than the app's. */
  redirectUri: string
  /** The URLs that were opened, oldest first. */
  opened: string[]
}

/**
 * Serves a host app to the pages of an app. It opens windows of the context, in which the test signs in, and waits until one is sent to
 * `native`, an origin of its own.
 */
export function serveHostApp(app: AppServer, native: AppServer, context: BrowserContext): HostApp {
  const opened: string[] = []
  const redirectUri = `${native.origin}/`
  app.route('/host-app', async ({ query }) => {
    const url = query.get('url') ?? ''
    opened.push(url)
    const window = await context.newPage()
    try {
      await window.goto(url, { waitUntil: 'commit' })
      await window.waitForURL((to) => to.href.startsWith(redirectUri), { waitUntil: 'commit', timeout: 0 })
      return { body: { href: window.url() } }
    } catch {
      // The user, or the end of the test, has closed the window.
      return { body: {} }
    } finally {
      await window.close()
    }
  })
  return { redirectUri, opened }
}
