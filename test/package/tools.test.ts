import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { installPackage, listModules, type InstalledPackage } from './installed-package.js'

// npm, a bundler and a test runner, on a machine that may have other work.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 })

const quietly = ['--no-audit', '--no-fund', '--loglevel=error']
const tools = ['jest@30.2.0', 'jest-environment-jsdom@30.2.0', 'parcel@2.16.0']
const compilers = ['5.0', '5.1', '5.2']
const guide = readFileSync(fileURLToPath(new URL('../../docs/testing.md', import.meta.url)), 'utf8')

let installed: InstalledPackage
beforeAll(() => {
  installed = installPackage()
  const aliases = compilers.map((version) => `typescript-${version}@npm:typescript@~${version}.0`)
  const frameworks = ['react@19', '@types/react@19', 'vue@3', 'svelte@5', 'solid-js@1']
  installed.run('npm', 'install', ...quietly, ...tools, ...aliases, ...frameworks)
})
afterAll(() => installed.remove())

/** Runs a tool of the app's, with an option of Node; gives what it printed, and whether it ended well. */
function runTool(option: string, script: string, ...parameters: string[]): { passed: boolean; text: string } {
  const path = join(installed.app, 'node_modules', script)
  try {
    return { passed: true, text: installed.run(process.execPath, option, path, ...parameters) }
  } catch (error) {
    return { passed: false, text: (error as Error).message }
  }
}

describe('Jest', () => {
  const runJest = (...parameters: string[]) =>
    runTool('--experimental-vm-modules', 'jest/bin/jest.js', '--config=jest.config.mjs', ...parameters)

  beforeAll(() => {
    const [environment, config] = [...guide.matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code!)
    installed.write('jest-environment.cjs', environment!)
    installed.write('jest.config.mjs', config!)
    installed.write(
      'greeting.test.mjs',
      `import { createTestClient } from 'latchkey/testing'
      import { isAuthError } from 'latchkey'

      test('greets the user', async () => {
        globalThis.fetch = async () => new Response('orders')
        const auth = createTestClient({ status: 'logged-out' }, { apis: [{ url: 'https://api.example.com' }] })
        auth.test.logIn({ sub: 'alice', name: 'Alice' })
        expect(auth.getUser().name).toBe('Alice')
        expect(await (await auth.fetch('https://api.example.com/orders')).text()).toBe('orders')
        auth.test.expire('session_lost')
        expect(isAuthError(await auth.getToken().catch((error) => error))).toBe(true)
      })`,
    )
  })

  test('runs the test client in the environment that the guide has', () => {
    expect(runJest()).toMatchObject({ passed: true })
  })

  test('needs no environment of its own without a DOM', () => {
    expect(runJest('--env=node')).toMatchObject({ passed: true })
  })

  // The control: what the guide says of jsdom alone.
  test('does not load it in the environment of jsdom alone', () => {
    const { passed, text } = runJest('--env=jsdom')
    expect(passed).toBe(false)
    expect(text).toContain('TextEncoder is not defined')
  })
})

describe('Parcel', () => {
  const manifest = () => join(installed.app, 'package.json')
  let before: string
  beforeAll(() => void (before = readFileSync(manifest(), 'utf8')))
  afterAll(() => void installed.write('package.json', before))

  const build = (module: string, packageExports?: boolean) => {
    const setting = packageExports && { '@parcel/resolver-default': { packageExports } }
    installed.write('package.json', JSON.stringify({ ...(JSON.parse(before) as object), ...setting }))
    installed.write('parcel/main.js', `import * as all from '${module}'\nconsole.log(all)`)
    const page = installed.write('parcel/index.html', '<script type="module" src="main.js"></script>')
    return runTool('--no-warnings', 'parcel/lib/bin.js', 'build', page, '--no-cache', '--dist-dir=parcel/out')
  }

  test('finds the package by itself, and every module once it may read "exports"', () => {
    expect(build('latchkey')).toMatchObject({ passed: true })
    expect(build('latchkey/dpop', true)).toMatchObject({ passed: true })
    // The control: what the documents say of modules without the setting.
    const { passed, text } = build('latchkey/dpop')
    expect(passed).toBe(false)
    expect(text).toContain("Failed to resolve 'latchkey/dpop'")
  })
})

test('a script of CommonJS can require it', () => {
  const script = installed.write('main.cjs', `console.log(typeof require('latchkey').createClient)`)
  expect(installed.run(process.execPath, '--no-warnings', script)).toBe('function\n')
})

describe.each(compilers)('TypeScript %s', (version) => {
  test.each(['node', 'bundler'])('finds all types with "moduleResolution": "%s"', (moduleResolution) => {
    const modules = listModules().filter((name) => name !== 'latchkey/callback')
    const imports = modules.map((name, index) => `import * as all${index} from '${name}'`)
    const file = `app-${version}-${moduleResolution}.ts`
    installed.write(
      file,
      `${imports.join('\n')}
import { createClient } from 'latchkey'
export const all: object[] = [${modules.map((_, index) => `all${index}`).join(', ')}]
// A mistake that the compiler has to find: else it has not looked.
// @ts-expect-error
createClient({ issuer: 'https://id.example.com', clientID: 'spa' })
`,
    )
    const project = `tsconfig.${version}-${moduleResolution}.json`
    const lib = ['ES2022', 'DOM', 'DOM.Iterable']
    // The types of React and Vue of today are not for compilers of 2023.
    const options = { strict: true, noEmit: true, target: 'ES2022', lib, types: [], skipLibCheck: true }
    const compilerOptions = { ...options, module: 'esnext', moduleResolution }
    installed.write(project, JSON.stringify({ compilerOptions, files: [file] }))
    const { passed, text } = runTool('--no-warnings', `typescript-${version}/bin/tsc`, '-p', project)
    expect([passed, text]).toEqual([true, ''])
  })
})
