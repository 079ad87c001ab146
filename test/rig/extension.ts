import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type BrowserContext, type Worker } from '@playwright/test'
import { build } from 'esbuild'
import { launchOptions } from './browsers.mjs'
import { builtPackage } from './built-package.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const guide = join(root, 'docs/native-shells.md')

/** A Chromium extension of its own ID, with the files of the guide, in a browser of its own. */
export interface Extension {
  context: BrowserContext
  /** The origin of its pages. */
  origin: string
  /** Its service worker, started if it is not running. */
  worker(): Promise<Worker>
  close(): Promise<void>
}

/** What identifies an extension before it is loaded. */
export interface ExtensionId {
  id: string
  /** The `key` of its manifest. */
  key: string
}

/** Chooses the ID of an extension: Chromium derives it from the key in the manifest. */
export function createExtensionId(): ExtensionId {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const der = publicKey.export({ format: 'der', type: 'spki' })
  const digits = createHash('sha256').update(der).digest('hex').slice(0, 32)
  const id = [...digits].map((digit) => String.fromCharCode(97 + parseInt(digit, 16))).join('')
  return { id, key: der.toString('base64') }
}

/** What stands in the guide for what an extension has of its own. */
export interface ExtensionOptions extends ExtensionId {
  issuer: string
  clientId: string
  apiOrigin: string
  /** Permissions that the manifest has in addition. */
  permissions?: string[]
  /** Code to run in the service worker after that of the guide, with the same imports. */
  workerCode?: string
}

/** Makes the extension that the guide describes, and loads it into Chromium. */
export async function loadExtension(options: ExtensionOptions): Promise<Extension> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-extension-'))
  await writeFiles(folder, options)
  const { args, ignoreDefaultArgs, ...launch } = launchOptions('chromium')
  const context = await chromium.launchPersistentContext('', {
    ...launch,
    headless: true,
    args: [...args!, `--disable-extensions-except=${folder}`, `--load-extension=${folder}`],
    ignoreDefaultArgs: [...(ignoreDefaultArgs as string[]), '--disable-extensions'],
  })
  const origin = `chrome-extension://${options.id}`
  return {
    context,
    origin,
    worker: async () =>
      context.serviceWorkers().find((worker) => worker.url().startsWith(origin)) ??
      context.waitForEvent('serviceworker'),
    async close() {
      await context.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function writeFiles(folder: string, options: ExtensionOptions): Promise<void> {
  const { key, issuer, clientId, apiOrigin, permissions = [], workerCode = '' } = options
  for (const [path, text] of readFiles()) {
    const code = text
      .replaceAll('https://id.example.com', issuer)
      .replaceAll('https://api.example.com', apiOrigin)
      .replace(`clientId: 'extension'`, `clientId: '${clientId}'`)
    if (path !== 'manifest.json') {
      writeFileSync(join(folder, path), path === 'service-worker.js' ? code + workerCode : code)
      continue
    }
    const manifest = JSON.parse(code)
    manifest.permissions.push(...permissions)
    writeFileSync(join(folder, path), JSON.stringify({ ...manifest, key }))
  }
  await bundle(join(folder, 'service-worker.js'))
}

/** Bundles the service worker as the guide says, over the built package. */
async function bundle(file: string): Promise<void> {
  await build({
    entryPoints: [file],
    outfile: file,
    allowOverwrite: true,
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    plugins: [builtPackage],
  })
}

/** Reads the files of the extension from the guide, by their name. */
function readFiles(): [path: string, code: string][] {
  const blocks = readFileSync(guide, 'utf8').matchAll(/<!-- extension: (\S+) -->\n\n```\w+\n([^]*?\n)```/g)
  const files = [...blocks].map(([, path, code]) => [path!, code!] as [string, string])
  if (files.length !== 5) throw new Error(`expected the five files of an extension in ${guide}`)
  return files
}
