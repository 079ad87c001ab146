import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../../demo/free-port.js'
import { packPackage, runIn } from '../package/installed-package.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** An app that was made in an empty folder as a document says, with the tarball in place of the registry's package. */
export interface DocumentApp {
  /** Starts Vite's development server, or that of the built app; gives its origin. */
  serve(kind: 'development' | 'preview'): Promise<string>
  close(): Promise<void>
}

/** Which app to make, and what stands in the document for what an app has of its own. */
export interface DocumentAppOptions {
  /** The document that says how. */
  document: 'README.md' | `docs/${string}.md`
  /** The template of create-vite, or SvelteKit's own. */
  template: 'react-ts' | 'vue-ts' | 'svelte-ts' | 'solid-ts' | 'vanilla-ts' | 'sveltekit'
  issuer: string
  clientId: string
  /** The API of a quick start. */
  ordersUrl?: string
}

/** Does what the document says, line by line, lints the app and builds it, types included. */
export async function makeDocumentApp(options: DocumentAppOptions): Promise<DocumentApp> {
  const { document, template } = options
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-document-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const text = readFileSync(join(root, document), 'utf8')
    const { tarball } = packPackage(folder)
    const create = `"${process.execPath}" "${join(root, 'node_modules/create-vite/index.js')}"`
    const commands = readCommands(text, template === 'sveltekit' ? 'npx sv create' : 'npm create')
      // The pinned ones in place of the latest.
      .replace('npx sv create my-app', 'npx --yes sv@0.17.1 create my-app --no-add-ons')
      .replace('npm create vite@latest my-app --', `${create} my-app --no-interactive`)
      .replace('npm install latchkey', `npm install --no-audit --no-fund --loglevel=error "${tarball}"`)
    runIn(folder, 'sh', '-e', '-c', commands)
    const app = join(folder, 'my-app')
    for (const [path, code] of readFiles(text, template)) {
      mkdirSync(dirname(join(app, path)), { recursive: true })
      writeFileSync(join(app, path), fillIn(code, options))
    }
    if (template === 'sveltekit') addPlugin(join(app, 'vite.config.ts'))
    runIn(app, 'npm', 'run', 'lint', '--if-present', '--', '--deny-warnings')
    // The types of Svelte's components, which its build does not check.
    runIn(app, 'npm', 'run', 'check', '--if-present')
    runIn(app, 'npm', 'run', 'build')
    const closers: (() => Promise<void>)[] = []
    return {
      async serve(kind) {
        const { origin, close } = await startVite(app, kind)
        closers.push(close)
        return origin
      },
      async close() {
        await Promise.all(closers.map((close) => close()))
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

async function startVite(app: string, kind: 'development' | 'preview') {
  // Another worker looks for one at the same time, and neither has it before Vite listens.
  const port = await findFreePort(4300 + 50 * Number(process.env['TEST_PARALLEL_INDEX'] ?? 0))
  const command = kind === 'preview' ? ['preview'] : []
  const vite = [join(app, 'node_modules/vite/bin/vite.js'), ...command, '--strictPort', '--port', `${port}`]
  const server = spawn(process.execPath, vite, { cwd: app, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const close = () => {
    server.kill()
    return ended
  }
  await new Promise<void>((resolve, reject) => {
    // It says where it listens when it does.
    server.stdout.on('data', (text: Buffer) => text.includes(`${port}`) && resolve())
    void ended.then(() => reject(new Error(`vite ended (${kind})`)))
  })
  return { origin: `http://localhost:${port}`, close }
}

/** Adds the plugin to a configuration that the document does not replace. */
function addPlugin(path: string): void {
  const code = readFileSync(path, 'utf8')
  const changed = code.replace('plugins: [', 'plugins: [latchkey(), ')
  if (changed === code) throw new Error(`${path} has no plugins`)
  writeFileSync(path, `import { latchkey } from 'latchkey/vite'\n${changed}`)
}

/** Finds the commands that make the app: the first with `creator` in them. */
function readCommands(text: string, creator: string): string {
  const blocks = [...text.matchAll(/^ *```sh\n([^]*?)```/gm)].map(([, commands]) => commands!)
  const commands = blocks.find((block) => block.includes(creator))
  if (!commands) throw new Error('the document has no commands that make an app')
  return commands.replace(/^ +/gm, '')
}

/** Finds the files that the app gets, by their path in it: those of the README, or those of the demo that a guide quotes. */
function readFiles(text: string, template: string): [path: string, code: string][] {
  const blocks = text.matchAll(
    /<!-- (?:app: (\S+) |file: demo\/([\w-]+)\/)(\S+) -->\n\n```\w+\n([^]*?)\n?```/g,
  )
  const files = [...blocks].flatMap(([, forOne, folder, path, code]) =>
    [forOne, `${folder}-ts`].includes(template) ? [[path!, `${code!}\n`] as [string, string]] : [],
  )
  if (files.length === 0) throw new Error(`the document has no files for ${template}`)
  const env = /^ *```ini\n([^]*?)```/m.exec(text)?.[1]
  return env ? [...files, ['.env', env.replace(/^ +/gm, '')]] : files
}

function fillIn(code: string, { issuer, clientId, ordersUrl = '' }: DocumentAppOptions): string {
  return code
    .replace('https://id.example.com', issuer)
    .replace(`clientId: 'spa'`, `clientId: '${clientId}'`)
    .replace('VITE_CLIENT_ID=spa', `VITE_CLIENT_ID=${clientId}`)
    .replace(/(?<=^VITE_ORDERS_URL=).*/m, ordersUrl)
}
