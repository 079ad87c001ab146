import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, createServer, preview, type InlineConfig } from 'vite'
import { consumersFolder } from './build-consumers.js'

const pageFolder = fileURLToPath(new URL('page', import.meta.url))
// The built one: it looks for the two files beside itself.
const entry = new URL('../../dist/vite.js', import.meta.url).href
const { latchkey } = (await import(entry)) as typeof import('../../src/vite.js')

/** An app with the plugin, in a folder of its own. */
export interface ViteApp {
  folder: string
  /** Builds it, and lists the files by their path. */
  build: (more?: InlineConfig) => Promise<string[]>
  /** Starts the development server, or `vite preview` of what was built; gives its origin. */
  start: (kind: 'development' | 'preview') => Promise<string>
  close: () => Promise<void>
}

/** Makes the test page an app of Vite's, with the plugin; its bundle of latchkey is that of the other tests. */
export function createViteApp(config: InlineConfig, options?: Parameters<typeof latchkey>[0]): ViteApp {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-vite-'))
  const html = readFileSync(join(pageFolder, 'app.html'), 'utf8')
  const scripts = [...html.matchAll(/src="\/(.*?)"/g)].map(([, name]) => name!)
  const inApp = scripts.reduce((text, name) => text.replace(`"/${name}"`, `"./${name}"`), html)
  writeFileSync(
    join(folder, 'index.html'),
    inApp.replace('src="./defaults.js"', 'type="module" src="./defaults.js"'),
  )
  writeFileSync(join(folder, 'defaults.js'), 'window.authDefaults = {}')
  copyFileSync(join(pageFolder, 'app.js'), join(folder, 'app.js'))
  try {
    copyFileSync(join(consumersFolder, 'latchkey.js'), join(folder, 'latchkey.js'))
  } catch {
    // Only Playwright builds it; who looks at the callback page alone needs none.
    writeFileSync(join(folder, 'latchkey.js'), '')
  }
  const all = (): InlineConfig => ({
    ...{ root: folder, configFile: false, logLevel: 'silent', cacheDir: join(folder, '.vite') },
    plugins: [latchkey(options)],
    ...config,
  })
  const ends: (() => Promise<unknown>)[] = []
  return {
    folder,
    async build(more) {
      const result = await build({ ...all(), ...more })
      return [result]
        .flat()
        .flatMap((one) => ('output' in one ? one.output.map(({ fileName }) => fileName) : []))
    },
    async start(kind) {
      const at = { host: '127.0.0.1', port: 0, strictPort: false }
      const server =
        kind === 'preview'
          ? await preview({ ...all(), preview: { ...config.preview, ...at } })
          : await createServer({ ...all(), server: { ...config.server, ...at, hmr: false } })
      if ('listen' in server) await server.listen()
      ends.push(() => server.close())
      const address = server.httpServer!.address()
      if (!address || typeof address === 'string') throw new Error('the server has no port')
      return `http://localhost:${address.port}`
    },
    async close() {
      await Promise.all(ends.splice(0).map((end) => end()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
