import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { AuthorizationServer } from 'oauth4webapi'
import { judgePreflight } from '../src/doctor/cors.js'
import { createProbe } from '../src/doctor/probe.js'
import { clean } from '../src/doctor/report.js'
import { isEndpoint } from '../src/protocol/secure-url.js'
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
  /** Why a page of the app cannot call the userinfo endpoint; undefined if it can, or if there is none. */
  userInfoProblems: Record<TokenKind, string | undefined>
  /** Why a page of the app cannot push a login request with a DPoP proof; undefined if it can, or if there is no endpoint for it. */
  boundPushProblem?: string | undefined
}

/** Whether tokens are bound to a key (DPoP). */
type TokenKind = 'bearer' | 'dpop'

/** Options of `examineServer`. */
export interface ExaminationOptions {
  /** The origin of the app. */
  origin: string
  /** The time limit of each request, in seconds. @default 30 */
  timeout?: number
  /** Stops the examination. */
  signal?: AbortSignal | undefined
}

const doctor = fileURLToPath(new URL('../dist/doctor/cli.js', import.meta.url))

/** Asks the doctor and the server what an app at this origin can do there. */
export async function examineServer(
  metadata: AuthorizationServer,
  { issuer, clientId }: Pick<OtherServerOptions, 'issuer' | 'clientId'>,
  // A server that was just started compiles its pages on the first request.
  { origin, timeout = 30, signal }: ExaminationOptions,
): Promise<Examination> {
  const args = [
    ...[issuer, '--client-id', clientId, '--origin', origin],
    // The demo uses DPoP and PAR if they work. With `--par`, a broken PAR endpoint would hide what the doctor finds beyond it.
    ...(metadata.dpop_signing_alg_values_supported ? ['--dpop'] : []),
    ...['--timeout', String(timeout), '--json'],
  ]
  const ask = (endpoint: Endpoint, method: string, headers: string[]) =>
    askBeforeCall({ endpoint, url: metadata[endpoint], method, headers, origin, timeout })
  const [findings, bearer, dpop, boundPushProblem] = await Promise.all([
    runDoctor(args, signal),
    ask('userinfo_endpoint', 'GET', ['authorization']),
    ask('userinfo_endpoint', 'GET', ['authorization', 'dpop']),
    ask('pushed_authorization_request_endpoint', 'POST', ['dpop']),
  ])
  return { metadata, findings, userInfoProblems: { bearer, dpop }, boundPushProblem }
}

async function runDoctor(args: string[], signal: AbortSignal | undefined): Promise<Record<string, Finding>> {
  const output = await new Promise<string>((resolve, reject) =>
    execFile(process.execPath, [doctor, 'doctor', ...args], { signal }, (error, stdout, stderr) =>
      // Exit code 1 means that something at the server is broken, unless there is no report.
      error && (error.code !== 1 || !stdout)
        ? reject(new Error(`cannot examine the server: ${clean(stderr || error.message)}`))
        : resolve(stdout),
    ),
  )
  const { rows } = JSON.parse(output) as { rows: Finding[] }
  return Object.fromEntries(rows.map((row) => [row.id, forPeople(row)]))
}

function forPeople({ id, level, found, fix }: Finding): Finding {
  return { id, level, found: tidy(found), ...(fix && { fix: tidy(fix) }) }
}

/** Parts of a finding come from the server, and the JSON report has them as they are. The demo has no option for the time limit. */
function tidy(text: string): string {
  return clean(text).replace(' (--timeout)', '')
}

type Endpoint = 'userinfo_endpoint' | 'pushed_authorization_request_endpoint'

/** A call that a page of the app would make. */
interface Call {
  endpoint: Endpoint
  url: string | undefined
  method: string
  /** The headers that need the server's permission. */
  headers: string[]
  origin: string
  /** In seconds. */
  timeout: number
}

/** Sends the preflight that a browser sends before a call, and says what keeps a page from the endpoint. */
async function askBeforeCall({
  endpoint,
  url,
  method,
  headers,
  origin,
  timeout,
}: Call): Promise<string | undefined> {
  if (!url) return undefined
  if (!isEndpoint(url)) return `"${endpoint}" is not an https: URL`
  const outcome = await createProbe(origin, timeout * 1000).preflight(url, method, headers)
  const problem = judgePreflight(outcome, origin, method, headers)
  return problem && tidy(`the server does not let this origin call it (CORS): ${problem}`)
}
