import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build, type Plugin, type PluginOption } from 'vite'
import { consumersFolder } from './build-consumers.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The frameworks that the bindings are tested with. */
export type Framework = 'react-19' | 'react-18' | 'vue' | 'svelte' | 'solid' | 'angular-22' | 'angular-21'

const built = new Map<string, Promise<string>>()

/** Builds the test app of a framework for the browser, from the built package and in development mode, once a worker. */
export function buildBrowserApp(framework: Framework): Promise<string> {
  return buildOnce(framework, 'main')
}

/** Builds an app of React's that hydrates the whole document, for the browser. */
export function buildDocumentApp(framework: 'react-19' | 'react-18'): Promise<string> {
  return buildOnce(framework, 'document')
}

/** Renders the test app of a framework in Node, in a process of its own. A warning is an error. */
export async function renderInNode(framework: Framework): Promise<string> {
  const code = await buildOnce(framework, 'server')
  mkdirSync(consumersFolder, { recursive: true })
  const file = join(consumersFolder, `${framework}-server.${process.pid}.mjs`)
  writeFileSync(file, code)
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file])
  rmSync(file)
  if (stderr) throw new Error(stderr)
  return stdout
}

type Entry = 'main' | 'server' | 'document'

function buildOnce(framework: Framework, entry: Entry): Promise<string> {
  const key = `${framework} ${entry}`
  const running = built.get(key) ?? buildApp(framework, entry)
  built.set(key, running)
  return running
}

async function buildApp(framework: Framework, entry: Entry): Promise<string> {
  const [folder] = framework.split('-')
  const hasJsx = folder === 'react' || folder === 'solid'
  // Angular 21 is tested with zone.js, Angular 22 without.
  const file = framework === 'angular-21' && entry === 'main' ? 'zones' : entry
  const input = join(root, `test/rig/${folder}/${file}.${hasJsx ? 'tsx' : 'ts'}`)
  const isServer = entry === 'server'
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: await loadCompiler(framework),
    define: {
      // Development builds: they have the warnings, and StrictMode does things twice.
      'process.env.NODE_ENV': '"development"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'true',
      ngServerMode: `${isServer}`,
    },
    resolve: {
      // The same of Svelte and Solid, which have it behind a condition.
      conditions: ['development', 'module', isServer ? 'node' : 'browser'],
      alias: [
        { find: /^latchkey$/, replacement: join(root, 'dist/index.js') },
        { find: /^latchkey\//, replacement: join(root, 'dist/') },
        ...(framework === 'react-18'
          ? [{ find: /^(react|react-dom)(?=\/|$)/, replacement: join(root, 'test/react-18/node_modules/$1') }]
          : []),
      ],
    },
    ssr: { noExternal: true },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      ssr: isServer,
      rollupOptions: { input, onwarn: () => {}, output: { codeSplitting: false } },
    },
  })
  if (!('output' in result) || result.output.length !== 1) throw new Error('expected one chunk')
  return result.output[0].code
}

/** Loads the compiler that a framework's apps need, development builds included. */
async function loadCompiler(framework: Framework): Promise<PluginOption[]> {
  if (framework === 'svelte') {
    const { svelte } = await import('@sveltejs/vite-plugin-svelte')
    return [svelte({ configFile: false, compilerOptions: { dev: true } })]
  }
  if (framework === 'solid') {
    const { default: solid } = await import('vite-plugin-solid')
    return [solid({ ssr: true, dev: true })]
  }
  return framework === 'angular-21' ? [resolveIn('test/angular-21')] : []
}

/** Finds the packages of Angular where a folder has them, whoever imports them. */
function resolveIn(folder: string): Plugin {
  const importer = join(root, folder, 'package.json')
  return {
    name: 'resolve-in',
    enforce: 'pre',
    resolveId(id) {
      return id.startsWith('@angular/') ? this.resolve(id, importer, { skipSelf: true }) : undefined
    },
  }
}
