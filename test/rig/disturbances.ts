import type { Page } from '@playwright/test'

/** Lists what a user would notice of a page from now on: dialogs, new windows and navigations. */
export function watchDisturbances(page: Page): string[] {
  const seen: string[] = []
  page.on('dialog', (dialog) => {
    seen.push(dialog.type())
    dialog.dismiss().catch(() => {})
  })
  page.context().on('page', () => seen.push('window'))
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) seen.push('navigation')
  })
  return seen
}
