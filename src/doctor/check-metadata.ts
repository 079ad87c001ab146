import type { AuthorizationServer } from 'oauth4webapi'
import { chooseResponseMode } from '../protocol/authorization-url.js'
import { findWrongEndpoint } from '../protocol/metadata.js'
import { isEndpoint } from '../protocol/server-call.js'
import { offersOpenId, type Facts } from './facts.js'
import { isAnswer, type Outcome } from './probe.js'
import { amber, green, grey, red, type Row } from './row.js'

/** Checks where the app and the server are, and that the server says who it is. The rest needs its metadata. */
export function checkDiscovery({ issuer, origin, discovery, found, metadata }: Facts): Row[] {
  const rows = [
    isEndpoint(origin)
      ? green('origin', `${origin} is a secure context`)
      : red('origin', `${origin} is no secure context: no cryptography there`, 'Serve the app by https.'),
  ]
  if (!found || !metadata) {
    const said = [...new Set(Object.values(discovery).map(sayOutcome))].join('; ')
    const fix =
      'failure' in discovery.oidc
        ? 'Start it, or mend the issuer.'
        : 'Mend the issuer, or give the option "metadata".'
    return [...rows, red('discovery', `no metadata: ${said}`, fix)]
  }
  const type = isAnswer(discovery[found]) ? discovery[found].headers.get('content-type') : ''
  if (!/^application\/json\s*(;|$)/i.test(type ?? ''))
    rows.push(red('discovery', `the metadata is sent as "${type}"`, 'Have it sent as application/json.'))
  else
    rows.push(
      found === 'oidc'
        ? green('discovery', 'metadata at /.well-known/openid-configuration')
        : amber(
            'discovery',
            'metadata at /.well-known/oauth-authorization-server only',
            "Give createClient the option discovery: 'oauth2'.",
          ),
    )
  return [...rows, checkIssuer(issuer, metadata)]
}

function sayOutcome(outcome: Outcome): string {
  if (!isAnswer(outcome)) return outcome.failure
  return outcome.status === 200 ? `${outcome.url} is no metadata` : `${outcome.url} answers ${outcome.status}`
}

function checkIssuer(issuer: string, metadata: AuthorizationServer): Row {
  const said = URL.canParse(metadata.issuer) ? new URL(metadata.issuer).href : metadata.issuer
  const [placeholder] = /\{[^{}]*\}/.exec(metadata.issuer) ?? []
  if (placeholder)
    return red(
      'issuer',
      `the metadata names a template, and no issuer: ${metadata.issuer}`,
      `Use the issuer of one tenant, with what is its own in place of ${placeholder}.`,
    )
  if (said !== new URL(issuer).href)
    return red(
      'issuer',
      `the metadata names another issuer: ${metadata.issuer}`,
      `Write issuer: '${metadata.issuer}', to the letter, or have the server mended.`,
    )
  return isEndpoint(issuer)
    ? green('issuer', `the metadata names it, to the letter`)
    : red('issuer', `${issuer} is not https`, 'Serve it by https.')
}

/** Checks what the server promises. */
export function checkMetadata(metadata: AuthorizationServer): Row[] {
  return [
    checkEndpoints(metadata),
    checkCodeFlow(metadata),
    checkPkce(metadata),
    checkResponseMode(metadata),
    metadata.authorization_response_iss_parameter_supported
      ? green('iss', 'answers carry the issuer (RFC 9207)')
      : amber(
          'iss',
          'answers do not name the issuer (RFC 9207)',
          'With more than one issuer, give each a redirect URI of its own: /callback.html?as=a.',
        ),
    offersOpenId(metadata) ? checkAlgorithms(metadata) : grey('id-token-alg', 'the server gives none'),
  ]
}

function checkEndpoints(metadata: AuthorizationServer): Row {
  const wrong = findWrongEndpoint(metadata)
  if (!wrong) return green('endpoints', 'all are https, or on this device')
  const said = metadata[wrong] === undefined ? 'is missing' : 'is no URL with https'
  return red('endpoints', `"${wrong}" ${said}`, 'Have the metadata mended, or give the option "metadata".')
}

function checkCodeFlow({ response_types_supported: types }: AuthorizationServer): Row {
  return types && !types.includes('code')
    ? red('code-flow', `response types: ${types.join(', ')}`, 'Turn on the authorization code flow.')
    : green('code-flow', 'response type "code"')
}

function checkPkce({ code_challenge_methods_supported: methods }: AuthorizationServer): Row {
  if (methods?.includes('S256')) return green('pkce', 'S256')
  return methods
    ? red('pkce', `methods: ${methods.join(', ') || 'none'}; not S256`, 'Turn on PKCE with S256.')
    : amber('pkce', 'the metadata does not say', 'Make sure that it does PKCE with S256: it is always sent.')
}

function checkResponseMode(metadata: AuthorizationServer): Row {
  const modes = metadata.response_modes_supported
  const mode = chooseResponseMode(metadata, undefined, true)
  if (mode === 'web_message') return green('response-mode', 'web_message')
  return !modes || modes.includes(mode)
    ? green('response-mode', `${mode}, by the callback page`)
    : red('response-mode', `modes: ${modes.join(', ')}`, 'Turn on web_message, fragment or query.')
}

const checkable = /^((RS|PS|ES)(256|384|512)|EdDSA|Ed25519)$/

function checkAlgorithms({ id_token_signing_alg_values_supported: listed }: AuthorizationServer): Row {
  const good = listed?.filter((one) => checkable.test(one))
  if (!listed) return amber('id-token-alg', 'no algorithms listed', 'RS256 is taken then; make sure it is.')
  return good?.length
    ? green('id-token-alg', `signed by ${good.join(', ')}`)
    : red('id-token-alg', `signed by ${listed.join(', ')}`, 'Sign ID tokens by RS256, PS256 or ES256.')
}
