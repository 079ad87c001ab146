import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { AuthorizationServer } from 'oauth4webapi'
import type { OtherServerOptions } from './arguments.mjs'

/** A finding of the doctor (docs/doctor.md). */
export interface Finding {
  id: string
  level: 'green' | 'amber' | 'red' | 'grey'
  found: string
  fix?: string
}

/** What is known about a server before a login. */
export interface Examination {
  metadata: AuthorizationServer
  /** What the doctor found, by the identifier of the check. */
  findings: Record<string, Finding>
  /** Whether a page of the app may call the userinfo endpoint (CORS). */
  mayReadUserInfo: boolean
}

const doctor = fileURLToPath(new URL('../dist/doctor/cli.js', import.meta.url))

/** Asks the doctor and the server what an app at this origin can do there. */
export async function examineServer(
  metadata: AuthorizationServer,
  { issuer, clientId }: OtherServerOptions,
  origin: string,
): Promise<Examination> {
  const [findings, mayReadUserInfo] = await Promise.all([
    runDoctor([
      ...[issuer, '--client-id', clientId, '--origin', origin],
      // The demo uses both if they work. With these options, the doctor checks them more strictly.
      ...(metadata.dpop_signing_alg_values_supported ? ['--dpop'] : []),
      ...(metadata.pushed_authorization_request_endpoint ? ['--par'] : []),
      // A server that was just started compiles its pages on the first request.
      ...['--timeout', '30', '--json'],
    ]),
    askForUserInfo(metadata, origin),
  ])
  return { metadata, findings, mayReadUserInfo }
}

async function runDoctor(args: string[]): Promise<Record<string, Finding>> {
  const output = await new Promise<string>((resolve, reject) =>
    execFile(process.execPath, [doctor, 'doctor', ...args], (error, stdout, stderr) =>
      // Exit code 1 means that something at the server is broken.
      error && error.code !== 1 ? reject(new Error(stderr || error.message)) : resolve(stdout),
    ),
  )
  const { rows } = JSON.parse(output) as { rows: Finding[] }
  return Object.fromEntries(rows.map((row) => [row.id, row]))
}

/** Sends the preflight that a browser sends before a request with an access token. */
async function askForUserInfo(
  { userinfo_endpoint: url }: AuthorizationServer,
  origin: string,
): Promise<boolean> {
  if (!url) return false
  const headers = {
    origin,
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'authorization',
  }
  const response = await fetch(url, { method: 'OPTIONS', headers }).catch(() => undefined)
  const allowed = response?.headers.get('access-control-allow-origin')
  return !!response?.ok && (allowed === '*' || allowed === origin)
}
