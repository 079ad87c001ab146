import { parseArgs } from 'node:util'
import type { Question } from './facts.js'

/** What the command line asks for. */
export type Command =
  | { kind: 'examine'; question: Question; json: boolean; timeout: number }
  | { kind: 'help' }
  | { kind: 'wrong'; problem: string }

export const usage = `Usage: latchkey doctor <issuer> [options]

Looks at an authorization server as a browser of your app would, and says what
would not work and how to fix it. Logs nobody in and sends no secret.

  --client-id <id>      the app's client ID; without it the pages of a login
                        are not looked at
  --origin <origin>     where the app runs [http://localhost:5173]
  --redirect-uri <uri>  [<origin>/callback.html]
  --dpop                the app uses dpop()
  --par                 the app uses par: true
  --timeout <seconds>   limit of each request [10]
  --json                the report as JSON
  --help                this text

Exit code: 0 nothing is broken, 1 something is (red), 2 wrong usage.`

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

/** Reads the command line, without `node` and the script. */
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
  if (command !== 'doctor') throw new TypeError(command ? `no command "${command}"` : 'no command')
  if (issuer === undefined) throw new TypeError('no issuer')
  if (more !== undefined) throw new TypeError(`one issuer, and not also "${more}"`)
  for (const [name, value] of Object.entries(values))
    if (value === '') throw new TypeError(`"--${name}" is empty`)

  const given = values['redirect-uri']
  const fallback = given && URL.canParse(given) ? given : 'http://localhost:5173'
  const { origin, pathname, search } = readUrl('--origin', values.origin ?? new URL(fallback).origin)
  if (pathname + search !== '/')
    throw new TypeError(`"--origin" is no more than scheme, host and port: ${origin}`)
  const redirectUri = readUrl('--redirect-uri', new URL(given ?? '/callback.html', origin).href)
  if (redirectUri.origin !== origin)
    throw new TypeError(`"--redirect-uri" must be at ${origin}, the origin of the app`)
  const timeout = Number(values.timeout ?? 10) * 1000
  if (!(timeout > 0 && timeout <= 600_000)) throw new TypeError('"--timeout" must be seconds, up to 600')
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

/** Throws for an option that is none: Node's own words for that speak of something else as well. */
function refuseUnknown(args: string[]): void {
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true })
  for (const token of tokens)
    if (token.kind === 'option' && !Object.hasOwn(options, token.name))
      throw new TypeError(`no option "${token.rawName}"`)
}

function checkIssuer(issuer: string): string {
  const { username, password, search, hash } = readUrl('the issuer', issuer)
  const [wellKnown] = /\/\.well-known\/(openid-configuration|oauth-authorization-server)/.exec(issuer) ?? []
  if (wellKnown)
    throw new TypeError(`leave out "${wellKnown}": the issuer is ${issuer.replace(wellKnown, '')}`)
  if (username || password || search || hash) throw new TypeError('the issuer has no user, query or fragment')
  return issuer
}

function readUrl(name: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TypeError(
      `${name.startsWith('-') ? `"${name}"` : name} must be a URL with https: or http:, and is "${value}"`,
    )
  return url
}
