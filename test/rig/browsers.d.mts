export type BrowserName = 'chromium' | 'firefox'

export interface LaunchOptions {
  channel?: string
  executablePath?: string
  args?: string[]
  ignoreDefaultArgs?: string[]
  firefoxUserPrefs?: Record<string, string | number | boolean>
}

export function findOnPath(name: BrowserName | 'headless shell' | 'Xvfb'): string | undefined
export function launchOptions(name: BrowserName): LaunchOptions
export function shellLaunchOptions(): LaunchOptions | undefined
export function canShowWindows(): boolean
export function ensureBrowsers(): Promise<void>
