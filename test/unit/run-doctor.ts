import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Middleware } from 'koa'
import {
  startAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerOptions,
} from '../../demo/authorization-server/index.js'
import type { Row } from '../../src/doctor/row.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: { latchkey: string } }

/** The origin that the command takes where none is given. */
export const origin = 'http://localhost:5173'
/** The arguments that name the client. */
export const client = ['--client-id', 'demo-app']

/** How a run of the command ended. */
export interface Run {
  code: number
  stdout: string
  stderr: string
}

/** Runs the built command as a user does. */
export function runDoctor(...args: string[]): Promise<Run> {
  const { FORCE_COLOR: _, ...env } = process.env
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, bin.latchkey), ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

/** What `--json` prints. */
export interface Report {
  issuer: string
  origin: string
  rows: Row[]
}

/** Examines a server, and reads the report. */
export async function examine(issuer: string, ...args: string[]): Promise<Report & { code: number }> {
  const { code, stdout } = await runDoctor('doctor', issuer, '--json', ...args)
  return { code, ...(JSON.parse(stdout) as Report) }
}

/** The checks whose rows have that level. */
export function idsOf(rows: Row[], level: string): string[] {
  return rows.filter((row) => row.level === level).map(({ id }) => id)
}

/** Runs the demo's authorization server as long as the work takes. */
export async function withServer<T>(
  options: Partial<AuthorizationServerOptions>,
  work: (as: AuthorizationServer) => Promise<T>,
): Promise<T> {
  const as = await startAuthorizationServer({ appOrigins: [origin], ...options })
  try {
    return await work(as)
  } finally {
    await as.close()
  }
}

/** Spoils what the server answers. */
export function spoil(change: (ctx: Parameters<Middleware>[0]) => void): Partial<AuthorizationServerOptions> {
  return {
    middleware: async (ctx, next) => {
      await next()
      change(ctx)
    },
  }
}
