import { buildAppFiles, readCallbackPage } from './app-files.js'
import { startAppServer } from './app-server.js'
import type { OtherServer } from './app/other-server.js'
import type { OtherServerOptions } from './arguments.mjs'
import { describeAbilities, findLoginProblems } from './describe-abilities.js'
import { examineServer, type Finding } from './examine-server.js'
import { findFreePort } from './free-port.js'
import { readMetadata } from './read-metadata.js'

/** The demo's app, running for another server. */
export interface RunningApp {
  url: string
  /** What will probably make a login fail. */
  problems: Finding[]
  close(): Promise<void>
}

/** Starts the demo's app for a server that is not the demo's. */
export async function startForServer(options: OtherServerOptions): Promise<RunningApp> {
  const { issuer, clientId, scope, resource, port } = options
  if ((await findFreePort(port)) !== port)
    throw new Error(
      `port ${port} is in use: stop the process that uses it, or choose another port with --port and register that one at the server`,
    )
  const metadata = await readMetadata(issuer)
  const examination = await examineServer(metadata, options, `http://localhost:${port}`)
  const server: OtherServer = {
    ...{ issuer, clientId, scope, resource },
    abilities: describeAbilities(examination, resource),
    problems: findLoginProblems(examination),
  }
  const [app, callbackPage] = await Promise.all([
    buildAppFiles({ folder: 'app', define: { DEMO_CONFIG: JSON.stringify(server) } }),
    readCallbackPage(),
  ])
  const files = new Map([...app, ...callbackPage])
  const endpoints = Object.entries(metadata).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name))
  const urls = [issuer, ...endpoints.map(([, url]) => url as string)]
  const { url, close } = await startAppServer({
    port,
    findFile: async (path) => files.get(path),
    connectTo: [...new Set(urls.map((one) => new URL(one).origin))],
    frames: [new URL(metadata.authorization_endpoint ?? issuer).origin],
    trustedTypes: () => `'none'`,
  })
  return { url, problems: server.problems, close }
}
