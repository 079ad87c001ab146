import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packPackage, runIn } from '../package/installed-package.js'

const guide = fileURLToPath(new URL('../../docs/angular.md', import.meta.url))

/** The CLIs that the guide is followed with: the version, and the Node.js that it needs where that is newer than this one. */
export const angularClis = {
  'angular-22': { cli: '22.2.7', node: '22.23.3' },
  'angular-21': { cli: '21.2.27', node: undefined },
} as const

/** An app made as docs/angular.md says, with the tarball in place of the registry's package. */
export interface AngularApp {
  /** Serves the production build; gives its origin. */
  serve(): Promise<string>
  close(): void
}

/** What stands in the guide for what an app has of its own. */
export interface AngularAppOptions {
  framework: keyof typeof angularClis
  issuer: string
  clientId: string
  ordersUrl: string
}

/** Does what the guide says, line by line, and builds the app for production, types and templates included. */
export function makeAngularApp({ framework, issuer, clientId, ordersUrl }: AngularAppOptions): AngularApp {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-angular-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const { cli, node } = angularClis[framework]
    const quietly = '--no-audit --no-fund --loglevel=error'
    const path = `PATH="${folder}/node_modules/.bin:$PATH"`
    const run = (cwd: string, commands: string) =>
      runIn(cwd, 'sh', '-e', '-c', `export ${path} NG_CLI_ANALYTICS=false\n${commands}`)
    // The Node.js that this CLI needs, for this app alone.
    if (node) run(folder, `npm install --prefix . ${quietly} node@${node}`)
    const { tarball } = packPackage(folder)
    const text = readFileSync(guide, 'utf8')
    const commands = find(text, /^ *```sh\n([^]*?)```/m)
      // The pinned one in place of the latest.
      .replace('npx @angular/cli@latest new', `npx --yes @angular/cli@${cli} new --skip-git`)
      .replace('npm install latchkey', `npm install ${quietly} "${tarball}"`)
    run(folder, commands)
    const app = join(folder, 'my-app')

    const workspace = join(app, 'angular.json')
    const assets = find(text, /^ *```json\n *"assets": ([^]*?)```/m)
    const [ofTemplate] = JSON.parse(assets) as object[]
    const settings = JSON.parse(readFileSync(workspace, 'utf8')) as {
      projects: { 'my-app': { architect: { build: { options: { assets: object[] } } } } }
    }
    const { options } = settings.projects['my-app'].architect.build
    // The guide repeats what the template has.
    if (JSON.stringify(options.assets) !== JSON.stringify([ofTemplate]))
      throw new Error(`the template has other assets: ${JSON.stringify(options.assets)}`)
    options.assets = JSON.parse(assets) as object[]
    writeFileSync(workspace, JSON.stringify(settings))

    for (const [, path, code] of text.matchAll(/<!-- cli: (\S+) -->\n\n```ts\n([^]*?)```/g))
      writeFileSync(
        join(app, path!),
        code!
          .replace('https://id.example.com', issuer)
          .replace(`clientId: 'spa'`, `clientId: '${clientId}'`)
          .replace('https://api.example.com', ordersUrl),
      )
    run(app, 'npm run build')
    const server = createAppServer(join(app, 'dist/my-app/browser'))
    return {
      async serve() {
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        return `http://localhost:${(server.address() as AddressInfo).port}`
      },
      close() {
        server.close()
        server.closeAllConnections()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** A server as most hosts of such apps are: files, and `index.html` for each path that has none. */
function createAppServer(folder: string) {
  const types: Record<string, string> = {
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.ico': 'image/x-icon',
  }
  return createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost')
    const file = extname(pathname) ? pathname : 'index.html'
    response.setHeader('content-type', types[extname(file)] ?? 'text/html; charset=utf-8')
    response.end(readFileSync(join(folder, file)))
  })
}

function find(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1]
  if (!found) throw new Error(`docs/angular.md has nothing like ${pattern}`)
  return found.replace(/^ +/gm, '')
}
