import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { build as buildWithEsbuild } from 'esbuild'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { build as buildWithVite } from 'vite'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import webpack from 'webpack'
import { findDocLinks } from '../unit/doc-links.js'
import { installPackage, listModules, readExports, type InstalledPackage } from './installed-package.js'

// npm, compilers and bundlers, on a machine that may have other work.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

let installed: InstalledPackage
/** The packages that came with it, as long as nothing else was installed. */
let alone: string[]
beforeAll(() => {
  installed = installPackage()
  alone = readdirSync(join(installed.app, 'node_modules')).filter((name) => !/^\./.test(name))
  installed.run('npm', 'install', ...quietly, ...frameworks)
})
afterAll(() => installed.remove())

const quietly = ['--no-audit', '--no-fund', '--loglevel=error']
/** What an app has that uses the bindings. */
const frameworks = [
  ...['react@19', '@types/react@19', 'vue@3', 'svelte@5', 'solid-js@1', 'rxjs@7'],
  ...['common', 'compiler', 'core', 'platform-browser', 'router'].map((name) => `@angular/${name}@22.2.0`),
]
/** What stands in for the Angular CLI, which compiles the packages of Angular: their compiler, before anything else. */
const compiler = `import '@angular/compiler'\n`
/** The versions of TypeScript that an app may check its code with. */
const compilers = ['5.5', '5.9', '6.0', '7.0']
/** The modules that an app imports; the script of the callback page runs by itself. */
const modules = listModules().filter((name) => name !== 'latchkey/callback')
/** The modules that are for Node, and are bundled by nobody. */
const forNode = ['latchkey/vite']
const forBundles = modules.filter((name) => !forNode.includes(name))
/** What a page has in one file: an app of `latchkey/lazy` has two, and a worker has its own, which the browser tests load. */
const forOneFile = forBundles.filter((name) => !['latchkey/lazy', 'latchkey/worker/start'].includes(name))

describe('the tarball', () => {
  test('has what package.json names, the documents, and nothing else', () => {
    const targets = Object.values(readExports()).flatMap((target) =>
      typeof target === 'string' ? target : Object.values(target),
    )
    for (const target of targets) expect(installed.files).toContain(target.replace('./', ''))
    const documents = [
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'SECURITY.md',
      'package.json',
    ]
    const isGuide = (path: string) => /^docs\/.+\.md$/.test(path)
    const others = installed.files.filter((path) => !documents.includes(path) && !isGuide(path))
    expect(others.filter((path) => !/^dist\/.+\.(js|d\.ts|js\.map|html)$/.test(path))).toEqual([])
    expect(installed.files).toEqual(expect.arrayContaining(documents))
  })

  test('has what its README links to, but the pictures', () => {
    const links = findDocLinks(readFileSync(join(installed.app, 'node_modules/latchkey/README.md'), 'utf8'))
    const missing = links.map(({ path }) => path).filter((path) => path && !installed.files.includes(path))
    expect(links.length).toBeGreaterThan(20)
    expect(new Set(missing)).toEqual(new Set(['docs/demo.png', 'docs/demo-dark.png']))
  })

  test('has no map without the file that it is of', () => {
    const maps = installed.files.filter((path) => path.endsWith('.map'))
    expect(maps.length).toBeGreaterThan(3)
    for (const path of maps) expect(installed.files).toContain(path.replace('.map', ''))
  })

  test('installs beside versions of frameworks that its bindings do not support', () => {
    // A range in `peerDependencies` would keep an app on Vue 2 from using `latchkey` itself.
    const older = {
      ...{ '@angular/core': '16.2.12', 'zone.js': '0.13.3', rxjs: '7.8.2' },
      ...{ react: '17.0.2', 'solid-js': '1.7.12', svelte: '3.59.2', vue: '2.7.16' },
    }
    const dependencies = { ...older, latchkey: `file:${installed.tarball}` }
    const path = installed.write('older/package.json', JSON.stringify({ private: true, dependencies }))
    installed.run('npm', 'install', '--prefix', dirname(path), '--dry-run', '--ignore-scripts', ...quietly)
  })

  test('is what publint takes', async () => {
    const pkgDir = join(installed.app, 'node_modules/latchkey')
    const { messages, pkg } = await publint({ pkgDir, strict: true, pack: false })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  test('has types that are right in every way of resolving an ES module', async () => {
    const data = new Uint8Array(readFileSync(installed.tarball))
    const analysis = await checkPackage(createPackageFromTarballData(data))
    if (!analysis.types) throw new Error('the tarball has no types')
    // Node before 12 and `require` are no ways for a package of ES modules; files are no modules.
    const isFile = (subpath: string) => /\.(html|js|json)$/.test(subpath)
    const problems = analysis.problems.filter(
      (problem) =>
        !('resolutionKind' in problem && /node10|node16-cjs/.test(problem.resolutionKind)) &&
        !('entrypoint' in problem && isFile(problem.entrypoint)),
    )
    expect(problems).toEqual([])
    expect(Object.keys(analysis.entrypoints)).toEqual(expect.arrayContaining(['.', './dpop', './exchange']))
  })
})

describe('installed in an empty folder', () => {
  test('brings its two dependencies, and no framework', () => {
    expect(alone).toEqual(['idb-keyval', 'latchkey', 'oauth4webapi'])
  })

  test.each(modules)('%s can be imported in Node', (name) => {
    const first = name === 'latchkey/angular' ? compiler : ''
    const code = `${first}import * as all from '${name}'; console.log(Object.keys(all).join())`
    const names = installed.run(process.execPath, '--input-type=module', '--eval', code).trim()
    expect(names).not.toBe('default')
    if (!/(define|start)$/.test(name)) expect(names).toMatch(/^\w+(,\w+)*$/)
  })

  test('createClient can be called in Node, and ends with the process', () => {
    const code = `
      import { createClient } from 'latchkey'
      const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
      console.log(auth.getState().status)`
    expect(installed.run(process.execPath, '--input-type=module', '--eval', code)).toBe('loading\n')
  })
})

describe('the command', () => {
  test('is found by npx, and says how it is called', () => {
    const text = installed.run('npm', 'exec', '--loglevel=error', '--', 'latchkey', 'doctor', '--help')
    expect(text).toMatch(/^Usage: latchkey doctor <issuer>/)
    expect(() => installed.run('npm', 'exec', '--', 'latchkey', 'doctor')).toThrow('missing issuer')
  })
})

describe('a bundle', () => {
  const bundlers: Record<string, (entry: string, minify: boolean) => Promise<string>> = {
    async Vite(entry, minify) {
      const result = await buildWithVite({
        root: installed.app,
        configFile: false,
        logLevel: 'error',
        build: { write: false, minify, rollupOptions: { input: entry } },
      })
      if (!('output' in result)) throw new Error('expected one bundle')
      return result.output.map((file) => (file.type === 'chunk' ? file.code : '')).join('\n')
    },
    async esbuild(entry, minify) {
      const options = { bundle: true, minify, format: 'esm', write: false, logLevel: 'silent' } as const
      const { outputFiles, warnings } = await buildWithEsbuild({ ...options, entryPoints: [entry] })
      expect(warnings).toEqual([])
      return outputFiles[0]!.text
    },
    async webpack(entry, minify) {
      const output = { path: join(installed.app, 'out'), filename: 'webpack.js' }
      const compiler = webpack({
        mode: minify ? 'production' : 'development',
        devtool: false,
        target: 'web',
        performance: { hints: false },
        context: installed.app,
        entry,
        output,
      })
      const stats = await new Promise<webpack.Stats>((resolve, reject) =>
        compiler.run((error, done) => (done ? resolve(done) : reject(error))),
      )
      await new Promise((resolve) => compiler.close(resolve))
      expect(stats.toJson({ all: false, warnings: true, errors: true })).toMatchObject({
        errors: [],
        warnings: [],
      })
      return readFileSync(join(output.path, output.filename), 'utf8')
    },
  }

  describe.each(Object.entries(bundlers))('of %s', (_name, bundle) => {
    test('has every module, and runs', async () => {
      const imports = forOneFile.map((name, index) => `import * as all${index} from '${name}'`)
      const counts = forOneFile.map((_, index) => `Object.keys(all${index}).length > 0`)
      const created = `createClient({ issuer: 'https://id.example.com', clientId: 'spa' }).getState().status`
      const entry = installed.write(
        'all.js',
        `${compiler}import { createClient } from 'latchkey'\n${imports.join('\n')}\nconsole.log([${counts}].every(Boolean), ${created})`,
      )
      const file = installed.write('out/all.mjs', await bundle(entry, false))
      expect(installed.run(process.execPath, file)).toBe('true loading\n')
    })

    test('has nothing of what is not used', async () => {
      const guard = await bundle(
        installed.write('guard.js', `import { isAuthError } from 'latchkey'\nconsole.log(isAuthError({}))`),
        true,
      )
      const whole = await bundle(
        installed.write('whole.js', `import { createClient } from 'latchkey'\nconsole.log(createClient)`),
        true,
      )
      expect(whole).toContain('authorization_endpoint')
      expect(guard).not.toContain('authorization_endpoint')
      expect(guard.length).toBeLessThan(whole.length / 20)
    })

    test('keeps what runs by itself', async () => {
      const entry = installed.write('page.js', `import 'latchkey/callback'`)
      expect(await bundle(entry, true)).toContain('latchkey:')
      const button = installed.write('button.js', `import 'latchkey/element/define'`)
      expect(await bundle(button, true)).toContain('customElements.define')
    })
  })
})

describe('the types', () => {
  beforeAll(() => {
    const aliases = compilers.map((version) => `typescript-${version}@npm:typescript@~${version}.0`)
    installed.run('npm', 'install', ...quietly, ...aliases)
    const others = modules.filter((name) => name !== 'latchkey/angular')
    const imports = others.map((name, index) => `import * as all${index} from '${name}'`)
    installed.write(
      'angular.ts',
      `import * as all from 'latchkey/angular'\nexport const angular: object = all`,
    )
    installed.write(
      'app.ts',
      `${imports.join('\n')}
import { createClient, isAuthError, type Client, type State } from 'latchkey'
import { useAuth } from 'latchkey/react'

declare module 'latchkey' {
  interface Claims {
    roles?: string[]
  }
}

export const all: object[] = [${others.map((_, index) => `all${index}`).join(', ')}]
export const auth: Client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
export async function logIn(): Promise<State> {
  try {
    return await auth.login({ prompt: 'login' })
  } catch (error) {
    if (isAuthError(error) && error.code === 'popup_closed') return auth.getState()
    throw error
  }
}
// Standard claims, those of the app's own, and any other, wherever claims are.
export const user = auth.getUser()
export const picture: string | undefined = user?.picture
export const country: string | undefined = user?.address?.country
export const roles: string[] = useAuth().user?.roles ?? []
export const other: unknown = user?.['other']
// Mistakes that each compiler has to find: else it has not looked.
// @ts-expect-error
createClient({ issuer: 'https://id.example.com', clientID: 'spa' })
// @ts-expect-error
export const role: string | undefined = user?.roles
`,
    )
  })

  describe.each(compilers)('under TypeScript %s', (version) => {
    test.each([
      ['bundler', 'esnext'],
      ['nodenext', 'nodenext'],
    ])('are right with "moduleResolution": "%s"', (moduleResolution, module) => {
      const project = `tsconfig.${version}-${moduleResolution}.json`
      const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true }
      const lib = ['ES2023', 'DOM', 'DOM.Iterable']
      const compilerOptions = { ...strict, target: 'ES2022', lib, types: [], module, moduleResolution }
      // The types of Angular 22 are for TypeScript 6.
      const files = Number(version) < 6 ? ['app.ts'] : ['app.ts', 'angular.ts']
      installed.write(project, JSON.stringify({ compilerOptions, files }))
      const compiler = `node_modules/typescript-${version}/bin/tsc`
      expect(installed.run(process.execPath, compiler, '-p', project)).toBe('')
    })
  })
})
