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

/** Starts the demo's app for a server that is not the demo's. `signal` stops it while it starts. */
export async function startForServer(options: OtherServerOptions, signal?: AbortSignal): Promise<RunningApp> {
  const { issuer, clientId, scope, resource, port } = options
  if ((await findFreePort(port)) !== port)
    throw new Error(
      `port ${port} is in use: stop the process that uses it, or choose another port with --port and register that one at the server`,
    )
  const { metadata, discovery } = await readMetadata(issuer)
  const examination = await examineServer(metadata, options, { origin: `http://localhost:${port}`, signal })
  const server: OtherServer = {
    ...{ issuer, clientId, scope, resource, discovery },
    abilities: describeAbilities(examination, resource),
    problems: findLoginProblems(examination),
  }
  const [app, callbackPage] = await Promise.all([
    buildAppFiles({ folder: 'app', define: { DEMO_CONFIG: JSON.stringify(server) } }),
    readCallbackPage(),
  ])
  const files = new Map([...app, ...callbackPage])
  const endpoints = Object.entries(metadata).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name))
  const urls = [issuer, ...endpoints.map(([, url]) => url)]
  const [frame] = findOrigins([metadata.authorization_endpoint, issuer])
  const { url, close } = await startAppServer({
    port,
    findFile: async (path) => files.get(path),
    connectTo: findOrigins(urls),
    frames: frame ? [frame] : [],
    trustedTypes: () => `'none'`,
  })
  return { url, problems: server.problems, close }
}

/**
 * The origins of what the metadata gives as URLs, without the values that are none. They become part of a Content Security Policy,
 * where a host with ";" or "," would start another directive or policy.
 */
function findOrigins(urls: unknown[]): string[] {
  const parsed = urls.flatMap((url) =>
    typeof url === 'string' && URL.canParse(url) ? [new URL(url).origin] : [],
  )
  return [...new Set(parsed)].filter((origin) => /^https?:\/\/[\w.:[\]-]+$/.test(origin))
}
