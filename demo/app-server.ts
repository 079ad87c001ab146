import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'

/** Options of `startAppServer`. */
export interface AppServerOptions {
  port: number
  /** Finds a file by its path; for a folder, its `index.html`. */
  findFile: (path: string) => Promise<string | Uint8Array | undefined>
  /** The other origins that the app may connect to. */
  connectTo: string[]
  /** The authorization server's origin, which the hidden iframe loads. */
  frames: string[]
  /** The names of the Trusted Types policies that a page may create, by its path. */
  trustedTypes: (path: string) => string
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.env': 'text/plain; charset=utf-8',
}

/** Starts the server for the app's files, with a Content Security Policy that is as strict as possible. */
export async function startAppServer({
  port,
  findFile,
  connectTo,
  frames,
  trustedTypes,
}: AppServerOptions): Promise<{ url: string; close(): Promise<void> }> {
  const policy = [
    `default-src 'self'`,
    `connect-src ${connectTo.join(' ')}`,
    // The hidden iframe ends at the callback page, which is on this origin.
    `frame-src 'self' ${frames.join(' ')}`,
    `frame-ancestors 'self'`,
    `base-uri 'none'`,
    `object-src 'none'`,
    `form-action 'none'`,
    `require-trusted-types-for 'script'`,
  ].join('; ')

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname
    const body = await findFile(path).catch((error: unknown) => console.error(error))
    if (body === undefined)
      return response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found\n')
    response.writeHead(200, {
      'Content-Type': types[extname(path)] ?? 'application/octet-stream',
      'Cache-Control': path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      'Content-Security-Policy': `${policy}; trusted-types ${trustedTypes(path)}`,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, 'localhost', resolve)
  })
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
