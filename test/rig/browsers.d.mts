export type BrowserName = 'chromium' | 'firefox'

export interface LaunchOptions {
  channel?: string
  executablePath?: string
  args?: string[]
  ignoreDefaultArgs?: string[]
  firefoxUserPrefs?: Record<string, string | number | boolean>
}

export function findOnPath(
  name: BrowserName | 'headless shell' | 'Xvfb' | 'WebKitWebDriver',
): string | undefined
export function launchOptions(name: BrowserName): LaunchOptions
export function shellLaunchOptions(): LaunchOptions | undefined
export function canShowWindows(): boolean
export function findWebKit(): { driver: string; browser: string } | undefined
export function ensureWebKit(): void
export function ensureBrowsers(): Promise<void>
