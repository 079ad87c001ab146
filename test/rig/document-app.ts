import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../../demo/free-port.js'
import { packPackage, runIn } from '../package/installed-package.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** An app that was made in an empty folder as the README says, with the tarball in place of the registry's package. */
export interface ReadmeApp {
  origin: string
  close(): Promise<void>
}

/** Which app to make, and what stands in the README for what an app has of its own. */
export interface ReadmeAppOptions {
  /** The template of create-vite. */
  template: 'react-ts' | 'vue-ts'
  issuer: string
  clientId: string
}

/** Does what the README says, line by line, builds the app, types included, and serves it. */
export async function startReadmeApp({ template, issuer, clientId }: ReadmeAppOptions): Promise<ReadmeApp> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-readme-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const { tarball } = packPackage(folder)
    const create = `"${process.execPath}" "${join(root, 'node_modules/create-vite/index.js')}"`
    const commands = readCommands()
      // The pinned one in place of the latest.
      .replace('npm create vite@latest my-app --', `${create} my-app --no-interactive`)
      .replace('--template react-ts', `--template ${template}`)
      .replace('npm install latchkey', `npm install --no-audit --no-fund --loglevel=error "${tarball}"`)
    runIn(folder, 'sh', '-e', '-c', commands)
    const app = join(folder, 'my-app')
    for (const [path, code] of readFiles(template))
      writeFileSync(
        join(app, path),
        code.replace('https://id.example.com', issuer).replace(`clientId: 'spa'`, `clientId: '${clientId}'`),
      )
    runIn(app, 'npm', 'run', 'build')
    const port = await findFreePort(4300)
    const vite = [join(app, 'node_modules/vite/bin/vite.js'), 'preview', '--strictPort', '--port', `${port}`]
    const server = spawn(process.execPath, vite, { cwd: app, stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
    const started = new Promise<void>((resolve, reject) => {
      // It says where it listens when it does.
      server.stdout.on('data', (text: Buffer) => text.includes(`${port}`) && resolve())
      void ended.then(() => reject(new Error('vite preview ended')))
    })
    const close = async () => {
      server.kill()
      await ended
      remove()
    }
    await started.catch(async (error: unknown) => {
      await close()
      throw error
    })
    return { origin: `http://localhost:${port}`, close }
  } catch (error) {
    remove()
    throw error
  }
}

const readme = () => readFileSync(join(root, 'README.md'), 'utf8')

function readCommands(): string {
  const commands = /## In React and Vue\n\n```sh\n([^]*?)```/.exec(readme())?.[1]
  if (!commands) throw new Error('the README has no commands under "In React and Vue"')
  return commands
}

function readFiles(template: string): [path: string, code: string][] {
  const blocks = [...readme().matchAll(/<!-- app: (\S+) (\S+) -->\n\n```\w+\n([^]*?)```/g)]
  const files = blocks
    .filter((block) => block[1] === template)
    .map(([, , path, code]) => [path!, code!] as [string, string])
  if (files.length === 0) throw new Error(`the README has no files for ${template}`)
  return files
}
