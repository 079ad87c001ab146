import { expect, type Page } from '@playwright/test'
import type { AppServer } from './app-server.js'

/** Serves everything of an app under a policy, whose violations browsers report to the app's own server. */
export function servePolicy(app: AppServer, policy: string): void {
  app.route('/csp-report', () => ({ status: 204 }))
  app.headers['*'] = { 'content-security-policy': `${policy}; report-uri /csp-report` }
}

/** Gets what was reported so far: which directive stopped what. */
export function readReports(app: AppServer): string[] {
  return app.requests
    .filter(({ path }) => path === '/csp-report')
    .map(({ body }) => {
      const report = (JSON.parse(body) as { 'csp-report': Record<string, string> })['csp-report']
      return `${report['effective-directive'] ?? report['violated-directive']} ${report['blocked-uri']}`
    })
}

/** Violates the policy of a page on purpose, by an image from elsewhere: its report comes after all others of the page. */
export async function violatePolicy(page: Page, app: AppServer): Promise<void> {
  await page.evaluate(() => void (new Image().src = 'http://marker.localhost/'))
  await expect
    .poll(() => readReports(app).filter((report) => report.includes('marker')).length)
    .toBeGreaterThan(0)
}
