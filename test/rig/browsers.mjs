// Finds the browsers that the tests run in, and installs those that are missing. Plain JavaScript, because
// `npm test` needs it before anything else is there.

import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

const commands = {
  chromium: ['chromium', 'chromium-browser'],
  'headless shell': ['chromium-headless-shell'],
  firefox: ['firefox-esr', 'firefox'],
  Xvfb: ['Xvfb'],
  WebKitWebDriver: ['WebKitWebDriver'],
}
const debianPackages = {
  chromium: 'chromium',
  'headless shell': 'chromium-headless-shell',
  firefox: 'firefox-esr',
  Xvfb: 'xvfb',
  WebKitWebDriver: 'webkit2gtk-driver',
}

/** Where Linux distributions install WebKitGTK's own browser, which no PATH contains; `*` is an architecture. */
const miniBrowsers = ['/usr/lib/*', '/usr/lib', '/usr/lib64', '/usr/libexec'].map(
  (folder) => `${folder}/webkit2gtk-4.1/MiniBrowser`,
)

/** Finds a browser, Chromium's headless shell, Xvfb or WebKitGTK's WebDriver on PATH. */
export function findOnPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return commands[name]
    .flatMap((command) => folders.map((folder) => join(folder, command)))
    .find(isExecutable)
}

/**
 * Builds the launch options of Playwright for Chromium, or for Firefox by WebDriver BiDi. Both block popups, as they do
 * for users; Playwright would turn that off.
 */
export function launchOptions(name) {
  const executablePath = findOnPath(name)
  if (name === 'firefox') {
    const firefoxUserPrefs = { 'dom.disable_open_during_load': true }
    return executablePath
      ? { channel: 'moz-firefox', executablePath, firefoxUserPrefs }
      : { firefoxUserPrefs }
  }
  return { ...chromiumOptions(), ...(executablePath ? { executablePath } : { channel: 'chromium' }) }
}

/**
 * Builds the launch options for Chromium's headless shell: the same engine without the browser around it, which has no popup
 * blocker and no tabs, and takes half the time. Undefined where there is none.
 */
export function shellLaunchOptions() {
  const executablePath = findOnPath('headless shell')
  if (executablePath) return { ...chromiumOptions(), executablePath }
  // Playwright's download has both, and takes the shell unless it is told otherwise.
  return findOnPath('chromium') ? undefined : chromiumOptions()
}

function chromiumOptions() {
  const ignoreDefaultArgs = ['--disable-popup-blocking']
  const args = [
    '--no-sandbox',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
    '--no-first-run',
  ]
  return { args, ignoreDefaultArgs }
}

/** Tells whether a browser with a window can be shown, if need be on a display of its own. */
export function canShowWindows() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY) || Boolean(findOnPath('Xvfb'))
}

/** Sees to it that both browsers are there: on PATH, else as Playwright's download, else as Debian packages. */
export async function ensureBrowsers() {
  for (const name of ['chromium', 'firefox']) {
    if (findOnPath(name) || (await canLaunchDownload(name))) continue
    console.log(`${name} is not on PATH: downloading it`)
    run('npx', ['playwright', 'install', name])
    if (await canLaunchDownload(name)) continue
    if (!installPackage(name)) throw new Error(adviceFor(name))
  }
  if (!shellLaunchOptions() && !installPackage('headless shell')) {
    console.warn('chromium-headless-shell is not on PATH: the tests take half as long again')
  }
  if (!canShowWindows() && !installPackage('Xvfb')) {
    console.warn('Xvfb is not on PATH: the tests in headed Chromium are left out')
  }
}

/** Finds WebKitGTK's WebDriver and the browser that it drives. Undefined if one of them, or a display, is missing. */
export function findWebKit() {
  const driver = findOnPath('WebKitWebDriver')
  const browser = miniBrowsers.flatMap(expandArchitecture).find(isExecutable)
  return driver && browser && canShowWindows() ? { driver, browser } : undefined
}

/** Installs WebKitGTK as a Debian package where it is missing. Its tests are skipped where that is not possible. */
export function ensureWebKit() {
  const isReady = findOnPath('WebKitWebDriver') || installPackage('WebKitWebDriver')
  if (!isReady) console.warn('WebKitWebDriver is not on PATH: the tests in WebKitGTK are skipped')
}

function expandArchitecture(path) {
  const [before, after] = path.split('*')
  if (after === undefined) return [path]
  return existsSync(before) ? readdirSync(before).map((name) => before + name + after) : []
}

async function canLaunchDownload(name) {
  const playwright = await import('@playwright/test')
  if (!existsSync(playwright[name].executablePath())) return false
  try {
    const browser = await playwright[name].launch(launchOptions(name))
    await browser.close()
    return true
  } catch {
    return false
  }
}

function installPackage(name) {
  const isRootOnDebian = existsSync('/etc/debian_version') && process.getuid?.() === 0
  if (!isRootOnDebian) return false
  console.log(`installing ${debianPackages[name]} with apt-get`)
  const install = () => run('apt-get', ['install', '-y', '--no-install-recommends', debianPackages[name]])
  if (!install()) {
    run('apt-get', ['update'])
    install()
  }
  return Boolean(findOnPath(name))
}

function adviceFor(name) {
  const names = commands[name].map((command) => `"${command}"`).join(' or ')
  return `no ${name}: put ${names} on PATH, or let "npx playwright install --with-deps ${name}" succeed`
}

function run(command, parameters) {
  return spawnSync(command, parameters, { stdio: 'inherit' }).status === 0
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
