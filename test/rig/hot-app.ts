import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { callbackFolder, consumersFolder } from './build-consumers.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A small app of the demo in Vite's development server, whose files can be changed while it runs. */
export interface HotApp {
  origin: string
  /** Writes a text of a file anew, as a developer does. */
  edit: (file: string, from: string, to: string) => void
  close: () => Promise<void>
}

/** Starts an app of the demo, with Vite's variables of the environment, in a folder of its own. */
export async function startHotApp(name: 'react', variables: Record<string, string>): Promise<HotApp> {
  mkdirSync(consumersFolder, { recursive: true })
  // Below the repository: Vite looks for the frameworks from here.
  const folder = mkdtempSync(join(consumersFolder, `hot-${name}-`))
  cpSync(join(root, 'demo', name), folder, { recursive: true })
  cpSync(callbackFolder, join(folder, 'public'), { recursive: true })
  // A build before, the rig's own too, leaves "production" there, where nothing is hot.
  const { env } = process
  const { NODE_ENV: before = '' } = env
  env['NODE_ENV'] = 'development'
  const server = await createServer({
    root: folder,
    configFile: join(folder, 'vite.config.ts'),
    logLevel: 'silent',
    cacheDir: join(folder, '.vite'),
    define: Object.fromEntries(
      Object.entries(variables).map(([key, value]) => [`import.meta.env.${key}`, JSON.stringify(value)]),
    ),
    resolve: {
      alias: [
        { find: /^latchkey$/, replacement: join(root, 'dist/index.js') },
        { find: /^latchkey\//, replacement: join(root, 'dist/') },
      ],
    },
    // All of them at once: one that is found later has the page load again.
    optimizeDeps: {
      include: ['react', 'react-dom/client', 'react/jsx-dev-runtime', 'oauth4webapi', 'idb-keyval'],
    },
    server: { host: '127.0.0.1', port: 0, fs: { allow: [root] } },
  })
  await server.listen()
  const address = server.httpServer!.address()
  if (!address || typeof address === 'string') throw new Error('the server has no port')
  return {
    origin: `http://localhost:${address.port}`,
    edit(file, from, to) {
      const path = join(folder, file)
      const text = readFileSync(path, 'utf8')
      if (!text.includes(from)) throw new Error(`${file} has no "${from}"`)
      writeFileSync(path, text.replace(from, to))
    },
    async close() {
      await server.close()
      env['NODE_ENV'] = before
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
