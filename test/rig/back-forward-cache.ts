import { chromium, type Browser } from '@playwright/test'
import { launchOptions } from './browsers.mjs'

/** Starts a Chromium that keeps pages for the back button, as users have it; Playwright turns that off. */
export function launchWithBackForwardCache(): Promise<Browser> {
  const options = launchOptions('chromium')
  const ignoreDefaultArgs = [...(options.ignoreDefaultArgs ?? []), '--disable-back-forward-cache']
  return chromium.launch({ ...options, ignoreDefaultArgs })
}
