import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeFreshClone, type Effect, type FreshClone } from '../rig/fresh-clone.js'

let clone: FreshClone
afterEach(() => clone.remove())

describe.skipIf(process.platform === 'win32')('ensureDependencies', () => {
  const ci = 'npm ci --no-audit --no-fund'
  const installed = 'node_modules/.package-lock.json'
  const ensure = (effects: Record<string, Effect> = { [ci]: {} }) =>
    clone.run("(await import('./demo/install.mjs')).ensureDependencies()", effects)

  beforeEach(() => {
    clone = makeFreshClone(['demo/install.mjs'], ['npm'])
    clone.write('package-lock.json', '', 100)
  })

  test('installs what the lock file says when nothing is installed', () => {
    expect(ensure()).toEqual({ calls: [ci], errors: '' })
  })

  test('installs when what is installed is older than the lock file', () => {
    clone.write(installed, '', 200)
    expect(ensure().calls).toEqual([ci])
  })

  test('installs when an installation was cut short', () => {
    mkdirSync(join(clone.folder, 'node_modules/half'), { recursive: true })
    expect(ensure().calls).toEqual([ci])
  })

  test('installs nothing when what is installed is newer than the lock file', () => {
    clone.write(installed, '', 50)
    expect(ensure()).toEqual({ calls: [], errors: '' })
  })

  test('leaves the installation of another checkout alone', () => {
    symlinkSync('elsewhere', join(clone.folder, 'node_modules'))
    expect(ensure().calls).toEqual([])
  })

  test('fails when the installation fails', () => {
    const { calls, errors } = ensure({})
    expect(calls).toEqual([ci])
    expect(errors).toContain('npm ci --no-audit --no-fund exited with 1')
  })
})

/** Stands for Playwright: a browser is there when its file is, and starts unless it is said to lack something. */
const playwright = `
import { existsSync } from 'node:fs'
const browser = (name) => ({
  executablePath: () => 'downloads/' + name,
  async launch() {
    if (existsSync('lacks/' + name)) throw new Error('a library is missing')
    return { async close() {} }
  },
})
export const chromium = browser('chromium')
export const firefox = browser('firefox')
`

describe.skipIf(process.platform !== 'linux')('ensureBrowsers', () => {
  const programs = ['bin/chromium', 'bin/chromium-headless-shell', 'bin/firefox-esr', 'bin/Xvfb']
  const download = (name: string) => `npx playwright install ${name}`
  const apt = (name: string) => `apt-get install -y --no-install-recommends ${name}`
  const packages = ['chromium', 'firefox-esr', 'chromium-headless-shell', 'xvfb']
  const installs = Object.fromEntries(
    packages.map((name) => [apt(name), { makes: [`bin/${name === 'xvfb' ? 'Xvfb' : name}`] }]),
  )

  /** Runs it as root or not, on Debian or not: what the machine of the test is has no part in it. */
  const ensure = (
    effects: Record<string, Effect> = {},
    { user = 1000, display = ':0', call = 'ensureBrowsers' } = {},
  ) =>
    clone.run(
      `import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      const { existsSync } = fs
      fs.existsSync = (path) => path === '/etc/debian_version' || existsSync(path)
      syncBuiltinESMExports()
      process.getuid = () => ${user}
      await (await import('./test/rig/browsers.mjs')).${call}()`,
      effects,
      display ? { DISPLAY: display } : {},
    )

  beforeEach(() => {
    clone = makeFreshClone(['test/rig/browsers.mjs'], ['npx', 'apt-get'])
    clone.write('node_modules/@playwright/test/package.json', '{ "type": "module", "main": "index.js" }')
    clone.write('node_modules/@playwright/test/index.js', playwright)
  })

  test('uses the browsers on PATH', () => {
    for (const program of programs) clone.write(program)
    expect(ensure({}, { display: '' })).toEqual({ calls: [], errors: '' })
  })

  test('uses browsers that Playwright has downloaded', () => {
    for (const name of ['chromium', 'firefox']) clone.write(`downloads/${name}`)
    expect(ensure()).toEqual({ calls: [], errors: '' })
  })

  test('downloads browsers that are neither on PATH nor downloaded', () => {
    clone.write('bin/chromium')
    clone.write('bin/chromium-headless-shell')
    const calls = [download('firefox')]
    expect(ensure({ [calls[0]!]: { makes: ['downloads/firefox'] } })).toEqual({ calls, errors: '' })
  })

  test('installs browsers that cannot be downloaded or do not start with apt-get, as root on Debian', () => {
    clone.write('downloads/firefox')
    clone.write('lacks/firefox')
    const { calls, errors } = ensure({ ...installs, [download('firefox')]: {} }, { user: 0, display: '' })
    expect(errors).toBe('')
    expect(calls).toEqual([
      download('chromium'),
      apt('chromium'),
      download('firefox'),
      apt('firefox-esr'),
      apt('chromium-headless-shell'),
      apt('xvfb'),
    ])
  })

  test('updates the package lists when apt-get does not know a package yet', () => {
    for (const program of programs.slice(0, 2)) clone.write(program)
    const firefox = { makes: ['bin/firefox-esr'], needs: 'lists' }
    const effects = { [apt('firefox-esr')]: firefox, 'apt-get update': { makes: ['lists'] } }
    expect(ensure(effects, { user: 0 })).toEqual({
      calls: [download('firefox'), apt('firefox-esr'), 'apt-get update', apt('firefox-esr')],
      errors: '',
    })
  })

  test('says what to do when it can install nothing', () => {
    const { calls, errors } = ensure(installs)
    expect(calls).toEqual([download('chromium')])
    expect(errors).toContain('no chromium: put "chromium" or "chromium-browser" on PATH')
  })

  test('continues without the headless shell and a display, and says so', () => {
    clone.write('bin/chromium')
    clone.write('bin/firefox')
    const { calls, errors } = ensure(installs, { display: '' })
    expect(calls).toEqual([])
    expect(errors).toContain('chromium-headless-shell is not on PATH')
    expect(errors).toContain('Xvfb is not on PATH')
  })

  test('installs WebKitGTK with apt-get, as root on Debian, unless it is on PATH', () => {
    const call = 'ensureWebKit'
    const webKit = apt('webkit2gtk-driver')
    const effects = { [webKit]: { makes: ['bin/WebKitWebDriver'] } }
    expect(ensure(effects, { user: 0, call })).toEqual({ calls: [webKit], errors: '' })
    expect(ensure(effects, { user: 0, call })).toEqual({ calls: [], errors: '' })
  })

  test('continues without WebKitGTK, and says so', () => {
    const { calls, errors } = ensure({}, { call: 'ensureWebKit' })
    expect(calls).toEqual([])
    expect(errors).toContain('the tests in WebKitGTK are skipped')
  })
})
