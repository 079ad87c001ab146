export type BrowserName = 'chromium' | 'firefox'

export interface LaunchOptions {
  channel?: string
  executablePath?: string
  args?: string[]
  ignoreDefaultArgs?: string[]
  firefoxUserPrefs?: Record<string, string | number | boolean>
}

export function findOnPath(name: BrowserName | 'Xvfb'): string | undefined
export function launchOptions(name: BrowserName): LaunchOptions
export function canShowWindows(): boolean
export function ensureBrowsers(): Promise<void>
