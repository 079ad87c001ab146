import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packPackage, runIn } from '../package/installed-package.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const html = `<!doctype html>
<html lang="en">
  <head><title>The app</title></head>
  <body>
    <output></output>
    <button id="popup">Log in</button><button id="redirect">Log in here</button>
    <script type="module" src="/main.js"></script>
  </body>
</html>`
/** An app that creates its client on its own page alone, as one whose router does not know the callback page. */
const script = `import { createClient } from 'latchkey'
const settings = await (await caches.match('/settings.json') ?? await fetch('/settings.json')).json()
await (await caches.open('settings')).put('/settings.json', new Response(JSON.stringify(settings)))
if (location.pathname === '/') {
  const auth = (window.auth = createClient({ ...settings, timeouts: { popup: 5000 } }))
  const show = (text) => (document.querySelector('output').textContent = text)
  const render = (state) => show(state.status + ' ' + (state.user?.sub ?? state.reason ?? ''))
  auth.subscribe(render)
  render(auth.getState())
  for (const mode of ['popup', 'redirect'])
    document.getElementById(mode).onclick = () => auth.login({ mode }).catch((error) => show(error.code))
}
`

/** The guide's service workers. */
export const serviceWorkers = ['workbox', 'by-hand'] as const

/** An app with a service worker of the guide, and its server. */
export interface PwaApp {
  origin: string
  /** The options of its client. */
  settings: object
  /** Changes the service worker as it is served, for a control. */
  changeWorker: (code: string) => string
  /** The paths that the server was asked for. */
  requests: string[]
  /** Stops the server. */
  stop(): Promise<void>
  /** Starts it again, at the same port. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Builds an app in an empty folder, with the files of docs/pwa.md as they are there, and serves it. */
export async function startPwaApp(kind: (typeof serviceWorkers)[number]): Promise<PwaApp> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-pwa-'))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('package.json', JSON.stringify({ name: 'app', private: true, type: 'module' }))
  write('index.html', html)
  write(
    'vite.config.js',
    `import { latchkey } from 'latchkey/vite'\nexport default { plugins: [latchkey()] }`,
  )
  const files = readGuide(kind)
  const register = files.get('register.js') ?? ''
  files.delete('register.js')
  write('main.js', register + script)
  for (const [path, code] of files) write(path, code)
  const { vite } = (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: { vite: string } }
  ).devDependencies
  const plugin = kind === 'workbox' ? ['vite-plugin-pwa@2.0.0'] : []
  const { tarball } = packPackage(folder)
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline']
  runIn(folder, 'npm', 'install', ...quiet, tarball, `vite@${vite}`, ...plugin)
  runIn(folder, join(folder, 'node_modules/.bin/vite'), 'build', '--logLevel', 'error')

  let server: Server | undefined
  const app: PwaApp = {
    origin: '',
    settings: {},
    changeWorker: (code) => code,
    requests: [],
    async start() {
      if (server?.listening) return
      const started = createServer(({ url = '/' }, response) =>
        answer(app, join(folder, 'dist'), url, response),
      )
      const port = app.origin ? Number(new URL(app.origin).port) : 0
      await new Promise<void>((resolve, reject) =>
        started.once('error', reject).listen(port, '127.0.0.1', resolve),
      )
      server = started
      app.origin = `http://localhost:${(started.address() as AddressInfo).port}`
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server!.close(() => resolve())
        server!.closeAllConnections()
      }),
    async close() {
      await app.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await app.start()
  return app
}

/** Reads the files of a service worker from the guide, by their path in the app. */
function readGuide(kind: string): Map<string, string> {
  const text = readFileSync(join(root, 'docs/pwa.md'), 'utf8')
  const blocks = text.matchAll(/<!-- pwa: ([\w-]+)\/(\S+) -->\n\n```js\n([^]*?)```/g)
  const files = [...blocks].flatMap(([, of, path, code]) => (of === kind ? [[path!, code!] as const] : []))
  if (files.length === 0) throw new Error(`docs/pwa.md has no files for ${kind}`)
  return new Map(files)
}

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
}

/** Answers as the host of a single-page app: what is no file is the app. */
function answer(app: PwaApp, dist: string, url: string, response: ServerResponse): void {
  const { pathname } = new URL(url, 'http://localhost')
  app.requests.push(pathname)
  const path = extname(pathname) ? pathname : '/index.html'
  const read = () => {
    if (path === '/settings.json') return JSON.stringify(app.settings)
    const body = readFileSync(join(dist, path))
    return path === '/sw.js' ? app.changeWorker(`${body}`) : body
  }
  try {
    const body = read()
    response.writeHead(200, {
      'content-type': types[extname(path)] ?? 'text/plain',
      'cache-control': 'no-cache',
    })
    response.end(body)
  } catch {
    response.writeHead(404)
    response.end()
  }
}
