import { parseArgs } from 'node:util'

export const usage = `Usage: npm start [-- <options>]

Starts the demo. Without options, the app uses an authorization server and APIs
that are part of the demo. With --issuer, it uses that server, and shows what
the server offers:

  --issuer <url>     the issuer identifier of the server
  --client-id <id>   the app's client ID at that server; a public client
  --scope <scopes>   the scopes that the login requests [openid profile]
  --resource <uri>   the API that the tokens are for (RFC 8707)
  --port <port>      the port of the app [5173]
  --help             print this text

Register these at the server, with your port:
  redirect URI               http://localhost:5173/callback.html
  post-logout redirect URI   http://localhost:5173/
  CORS origin                http://localhost:5173

Exit code: 0 stopped by a signal, 1 could not start, 2 invalid usage.`

const options = /** @type {const} */ ({
  issuer: { type: 'string' },
  'client-id': { type: 'string' },
  scope: { type: 'string' },
  resource: { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
})

const loopback = /^(?:localhost|127\.0\.0\.1|\[::1\]|.+\.localhost)$/

/** Parses the arguments of `npm start`, without `node` and the script. */
export function parseArguments(args) {
  try {
    return parse(args)
  } catch (error) {
    return { kind: 'wrong', problem: error.message }
  }
}

function parse(args) {
  refuseUnknown(args)
  const { values } = parseArgs({ args, options })
  if (values.help) return { kind: 'help' }
  for (const [name, value] of Object.entries(values))
    if (value === '') throw new TypeError(`"--${name}" is empty`)
  const { issuer, 'client-id': clientId, scope = 'openid profile', resource } = values
  const [name] = Object.keys(values)
  if (name === undefined) return { kind: 'demo' }
  if (issuer === undefined) throw new TypeError(`"--${name}" needs "--issuer"`)
  if (clientId === undefined)
    throw new TypeError('missing "--client-id": the app must be registered at the server as a public client')
  checkIssuer(issuer)
  const port = Number(values.port ?? 5173)
  if (!(Number.isInteger(port) && port >= 1 && port <= 65535))
    throw new TypeError(`"--port" must be a number from 1 to 65535, got "${values.port}"`)
  if (resource !== undefined && !URL.canParse(resource))
    throw new TypeError(`"--resource" must be an absolute URI, got "${resource}"`)
  return { kind: 'other-server', issuer, clientId, scope, port, ...(resource && { resource }) }
}

/** Throws if an argument is not an option. Node's own messages for this also mention something else. */
function refuseUnknown(args) {
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind === 'positional') throw new TypeError(`unexpected argument "${token.value}"`)
    if (token.kind === 'option' && !Object.hasOwn(options, token.name))
      throw new TypeError(`unknown option "${token.rawName}"`)
  }
}

function checkIssuer(issuer) {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  const isSecure = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname))
  if (!url || !isSecure)
    throw new TypeError(`"--issuer" must be an https: URL (http: only on localhost), got "${issuer}"`)
  const [wellKnown] = /\/\.well-known\/(openid-configuration|oauth-authorization-server)/.exec(issuer) ?? []
  if (wellKnown)
    throw new TypeError(`leave out "${wellKnown}": the issuer is ${issuer.replace(wellKnown, '')}`)
  if (url.username || url.password || url.search || url.hash)
    throw new TypeError('"--issuer" must not have a user, query or fragment')
}
