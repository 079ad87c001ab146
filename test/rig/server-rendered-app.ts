import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../../demo/free-port.js'
import { packPackage, runIn } from '../package/installed-package.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (document: string) => readFileSync(join(root, document), 'utf8')

/** A framework that renders its pages on a server. */
export interface ServerFramework {
  name: 'next' | 'nuxt'
  /** The guide, whose files are below `<!-- name: path -->`. */
  document: `docs/${string}.md`
  /** Makes the app `my-app` from the framework's template, in an empty folder. */
  create: (folder: string) => void
  /** What to install beside latchkey, and how. */
  install: string[]
  /** The command that serves what was built, in the app's folder. */
  serve: string[]
}

/** An app that was made as its guide says, with the tarball in place of the registry's package, built and served. */
export interface ServerRenderedApp {
  origin: string
  /** All that its server has printed. */
  output: () => string
  close: () => Promise<void>
}

/** Next.js, by its own template without the parts that are not about rendering. */
export const next: ServerFramework = {
  name: 'next',
  document: 'docs/react.md',
  create(folder) {
    const flags = '--yes --empty --ts --app --no-tailwind --no-eslint --no-src-dir --use-npm --skip-install'
    runIn(folder, 'npx', '--yes', 'create-next-app@16.4.3', 'my-app', ...flags.split(' '), '--disable-git')
  },
  install: [],
  serve: ['node_modules/next/dist/bin/next', 'start'],
}

/**
 * Nuxt. Its tool downloads the template from a repository, which not every machine can reach: these are the files of the template
 * `minimal`. It needs a newer Node than this repository, which comes from npm as well.
 */
export const nuxt: ServerFramework = {
  name: 'nuxt',
  document: 'docs/vue.md',
  create(folder) {
    const files = {
      'package.json': JSON.stringify({
        ...{ name: 'my-app', private: true, type: 'module' },
        scripts: { build: 'nuxt build', dev: 'nuxt dev', postinstall: 'nuxt prepare' },
        dependencies: { nuxt: '4.5.2', vue: '^3.5.45', 'vue-router': '^4.6.5' },
      }),
      'nuxt.config.ts':
        "export default defineNuxtConfig({ compatibilityDate: '2025-07-15', devtools: { enabled: true } })\n",
      'tsconfig.json': '{ "files": [], "references": [{ "path": "./.nuxt/tsconfig.app.json" }] }\n',
      'public/robots.txt': 'User-Agent: *\nDisallow:\n',
    }
    for (const [path, text] of Object.entries(files)) write(join(folder, 'my-app'), path, text)
  },
  install: ['node@22'],
  serve: ['.output/server/index.mjs'],
}

/** Makes an app of the framework as its guide says, builds it for production and serves it. */
export async function makeServerRenderedApp(
  { name, document, create, install, serve }: ServerFramework,
  { issuer, clientId }: { issuer: string; clientId: string },
): Promise<ServerRenderedApp> {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-${name}-`))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    create(folder)
    const app = join(folder, 'my-app')
    addScripts(app)
    for (const [, path, code] of read(document).matchAll(
      new RegExp(`<!-- ${name}: (\\S+) -->\n\n\`\`\`\\w+\n([^]*?\n)\`\`\``, 'g'),
    ))
      write(app, path!, fillIn(code!, issuer, clientId))
    const { tarball } = packPackage(folder)
    const flags = ['--no-audit', '--no-fund', '--loglevel=error']
    runIn(app, 'npm', 'install', ...flags, tarball, ...install)
    // With the Node that the app has, if it has one.
    runIn(app, 'npm', 'run', 'build')
    const { origin, output, end } = await start(app, serve)
    return {
      origin,
      output,
      async close() {
        await end()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** Adds the scripts of the guide to the callback page. */
function addScripts(app: string): void {
  const [, block] = /^```json\n([^]*?)```/m.exec(
    read('docs/callback-page.md').split('## With anything else')[1]!,
  )!
  const file = join(app, 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  Object.assign(manifest.scripts, JSON.parse(block!).scripts)
  writeFileSync(file, JSON.stringify(manifest))
}

function fillIn(code: string, issuer: string, clientId: string): string {
  return code.replace('https://id.example.com', issuer).replace(`clientId: 'spa'`, `clientId: '${clientId}'`)
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

async function start(app: string, serve: string[]) {
  const port = await findFreePort(4600 + 50 * Number(process.env['TEST_PARALLEL_INDEX'] ?? 0))
  const server = spawn(process.execPath, serve, {
    cwd: app,
    env: { ...process.env, NODE_ENV: 'production', PORT: `${port}`, HOST: 'localhost' },
  })
  let output = ''
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const listens = new Promise<void>((resolve) => {
    const add = (text: Buffer) => {
      output += text.toString()
      // Both say where they listen when they do.
      if (output.includes(`:${port}`)) resolve()
    }
    server.stdout.on('data', add)
    server.stderr.on('data', add)
  })
  await Promise.race([
    listens,
    ended.then(() => {
      throw new Error(`the server ended: ${output}`)
    }),
  ])
  return {
    origin: `http://localhost:${port}`,
    output: () => output,
    end() {
      server.kill()
      return ended
    },
  }
}
