import { parseArgs } from 'node:util'
import type { Question } from './facts.js'

/** A parsed command line. */
export type Command =
  | { kind: 'examine'; question: Question; json: boolean; timeout: number }
  | { kind: 'help' }
  | { kind: 'wrong'; problem: string }

export const usage = `Usage: latchkey doctor <issuer> [options]

Checks an authorization server the way a browser running your app would, and
shows what would not work and how to fix it. Logs nobody in, sends no secrets.

  --client-id <id>      the client ID of the app; without it, the pages of a
                        login are not checked
  --origin <origin>     the origin of the app [http://localhost:5173]
  --redirect-uri <uri>  [<origin>/callback.html]
  --dpop                the app uses dpop()
  --par                 the app uses par: true
  --timeout <seconds>   time limit of each request [10]
  --json                print the report as JSON
  --help                print this text

Exit code: 0 nothing is broken, 1 something is (red), 2 invalid usage.`

const options = {
  'client-id': { type: 'string' },
  origin: { type: 'string' },
  'redirect-uri': { type: 'string' },
  timeout: { type: 'string' },
  dpop: { type: 'boolean' },
  par: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Parses the command line, without `node` and the script. */
export function parseCommand(args: string[]): Command {
  try {
    return parse(args)
  } catch (error) {
    return { kind: 'wrong', problem: (error as Error).message }
  }
}

function parse(args: string[]): Command {
  refuseUnknown(args)
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  if (values.help) return { kind: 'help' }
  const [command, issuer, more] = positionals
  if (command !== 'doctor') throw new TypeError(command ? `unknown command "${command}"` : 'missing command')
  if (issuer === undefined) throw new TypeError('missing issuer')
  if (more !== undefined) throw new TypeError(`expected one issuer, got "${more}" as well`)
  for (const [name, value] of Object.entries(values))
    if (value === '') throw new TypeError(`"--${name}" is empty`)

  const given = values['redirect-uri']
  const fallback = given && URL.canParse(given) ? given : 'http://localhost:5173'
  const { origin, pathname, search } = readUrl('--origin', values.origin ?? new URL(fallback).origin)
  if (pathname + search !== '/')
    throw new TypeError(`"--origin" must only have scheme, host and port: ${origin}`)
  const redirectUri = readUrl('--redirect-uri', new URL(given ?? '/callback.html', origin).href)
  if (redirectUri.origin !== origin)
    throw new TypeError(`"--redirect-uri" must be on ${origin}, the origin of the app`)
  const timeout = Number(values.timeout ?? 10) * 1000
  if (!(timeout > 0 && timeout <= 600_000))
    throw new TypeError('"--timeout" must be a number of seconds, up to 600')
  return {
    kind: 'examine',
    question: {
      issuer: checkIssuer(issuer),
      origin,
      redirectUri: redirectUri.href,
      clientId: values['client-id'],
      dpop: values.dpop ?? false,
      par: values.par ?? false,
    },
    json: values.json ?? false,
    timeout,
  }
}

/** Throws for an unknown option. Node's own message for this also talks about something else. */
function refuseUnknown(args: string[]): void {
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true })
  for (const token of tokens)
    if (token.kind === 'option' && !Object.hasOwn(options, token.name))
      throw new TypeError(`unknown option "${token.rawName}"`)
}

function checkIssuer(issuer: string): string {
  const { username, password, search, hash } = readUrl('the issuer', issuer)
  const [wellKnown] = /\/\.well-known\/(openid-configuration|oauth-authorization-server)/.exec(issuer) ?? []
  if (wellKnown)
    throw new TypeError(`leave out "${wellKnown}": the issuer is ${issuer.replace(wellKnown, '')}`)
  if (username || password || search || hash)
    throw new TypeError('the issuer must not have a user, query or fragment')
  return issuer
}

function readUrl(name: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TypeError(
      `${name.startsWith('-') ? `"${name}"` : name} must be an https: or http: URL, got "${value}"`,
    )
  return url
}
