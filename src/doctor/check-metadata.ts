import type { AuthorizationServer } from 'oauth4webapi'
import { chooseResponseMode } from '../protocol/authorization-url.js'
import { findWrongEndpoint } from '../protocol/secure-url.js'
import { isEndpoint } from '../protocol/secure-url.js'
import { tenantMark } from '../protocol/tenant-id.js'
import { offersOpenId, type Facts } from './facts.js'
import { isAnswer, type Outcome } from './probe.js'
import { amber, green, grey, red, type Row } from './row.js'

/** Checks the origin of the app, discovery and the issuer. All other checks need the metadata. */
export function checkDiscovery({ issuer, origin, discovery, found, metadata }: Facts): Row[] {
  const rows = [
    isEndpoint(origin)
      ? green('origin', `${origin} is a secure context`)
      : red(
          'origin',
          `${origin} is not a secure context: Web Crypto is unavailable there`,
          'Serve the app over https.',
        ),
  ]
  if (!found || !metadata) {
    const said = [...new Set(Object.values(discovery).map(sayOutcome))].join('; ')
    const fix =
      'failure' in discovery.oidc
        ? 'Start the server, or correct the issuer.'
        : 'Correct the issuer, or set the option "metadata".'
    return [...rows, red('discovery', `no metadata: ${said}`, fix)]
  }
  const type = isAnswer(discovery[found]) ? discovery[found].headers.get('content-type') : ''
  if (!/^application\/json\s*(;|$)/i.test(type ?? ''))
    rows.push(red('discovery', `the metadata has the content type "${type}"`, 'Send it as application/json.'))
  else
    rows.push(
      found === 'oidc'
        ? green('discovery', 'metadata at /.well-known/openid-configuration')
        : amber(
            'discovery',
            'metadata at /.well-known/oauth-authorization-server only',
            "Set discovery: 'oauth2' in createClient.",
          ),
    )
  return [...rows, checkIssuer(issuer, metadata)]
}

function sayOutcome(outcome: Outcome): string {
  if (!isAnswer(outcome)) return outcome.failure
  return outcome.status === 200
    ? `${outcome.url} is not metadata`
    : `${outcome.url} answers ${outcome.status}`
}

function checkIssuer(issuer: string, metadata: AuthorizationServer): Row {
  const said = URL.canParse(metadata.issuer) ? new URL(metadata.issuer).href : metadata.issuer
  const [placeholder] = /\{[^{}]*\}/.exec(metadata.issuer) ?? []
  if (placeholder)
    return red(
      'issuer',
      `the issuer in the metadata is a template: ${metadata.issuer}`,
      `Use the issuer of one tenant, with its value in place of ${placeholder}${placeholder === tenantMark ? ', or this template with the option "tenants"' : ''}.`,
    )
  if (said !== new URL(issuer).href)
    return red(
      'issuer',
      `the metadata names another issuer: ${metadata.issuer}`,
      `Write issuer: '${metadata.issuer}', exactly, or fix the server.`,
    )
  return isEndpoint(issuer)
    ? green('issuer', 'the metadata has exactly this issuer')
    : red('issuer', `${issuer} is not https`, 'Serve it over https.')
}

/** Checks what the metadata promises, and whether the responses agree. */
export function checkMetadata(facts: Facts, metadata: AuthorizationServer): Row[] {
  return [
    checkEndpoints(metadata),
    checkCodeFlow(metadata),
    checkPkce(metadata),
    checkResponseMode(metadata),
    checkIss(facts, metadata),
    offersOpenId(metadata)
      ? checkAlgorithms(metadata)
      : grey('id-token-alg', 'the server issues no ID tokens'),
  ]
}

function checkIss({ pages, clientId, issuer }: Facts, metadata: AuthorizationServer): Row {
  if (!metadata.authorization_response_iss_parameter_supported)
    return amber(
      'iss',
      'the metadata does not promise that responses name the issuer (RFC 9207): a second issuer on a page cannot share the redirect URI',
      "Give each issuer its own redirect URI, such as redirectUri: '/callback.html?as=a', and register it.",
    )
  // RFC 9207 section 2 requires it in every response, including errors.
  const fix =
    'Send "iss" in every response, including errors, or do not promise it: latchkey rejects responses without it.'
  const walks = [pages?.silent, pages?.login, pages?.message]
  const returned = walks.flatMap((walk) => walk?.returned ?? [])
  const wrong = returned.find((answer) => ![issuer, metadata.issuer].includes(answer.get('iss') ?? ''))
  if (wrong) {
    const said = wrong.get('iss')
    const answer = wrong.get('error') ?? 'success'
    return red(
      'iss',
      said
        ? `a response (${answer}) names another issuer: ${said}`
        : `the metadata promises that responses name the issuer (RFC 9207), but a response (${answer}) does not`,
      fix,
    )
  }
  const message = pages?.message?.steps.at(-1)?.body ?? ''
  const isPosted = message.includes('postMessage')
  if (isPosted && !/\biss\b/.test(message))
    return red(
      'iss',
      'the metadata promises that responses name the issuer (RFC 9207), but the web message does not',
      `${fix} Or set responseMode: 'fragment'.`,
    )
  return isPosted || returned.length > 0
    ? green('iss', 'responses name the issuer (RFC 9207)')
    : grey(
        'iss',
        `the metadata promises that responses name the issuer (RFC 9207); ${clientId ? 'no response was seen' : 'not tried: add --client-id <id>'}`,
      )
}

function checkEndpoints(metadata: AuthorizationServer): Row {
  const wrong = findWrongEndpoint(metadata)
  if (!wrong) return green('endpoints', 'all use https, or are on localhost')
  const said = metadata[wrong] === undefined ? 'is missing' : 'is not an https URL'
  return red('endpoints', `"${wrong}" ${said}`, 'Correct the metadata, or set the option "metadata".')
}

function checkCodeFlow({ response_types_supported: types }: AuthorizationServer): Row {
  if (!types)
    return amber(
      'code-flow',
      'the metadata does not say',
      'Make sure that the server supports the authorization code flow.',
    )
  return types.includes('code')
    ? green('code-flow', 'the metadata lists the response type "code"')
    : red('code-flow', `response types: ${types.join(', ')}`, 'Enable the authorization code flow.')
}

function checkPkce({ code_challenge_methods_supported: methods }: AuthorizationServer): Row {
  if (methods?.includes('S256')) return green('pkce', 'the metadata lists S256')
  return methods
    ? red('pkce', `methods: ${methods.join(', ') || 'none'}; not S256`, 'Enable PKCE with S256.')
    : amber(
        'pkce',
        'the metadata does not say',
        'Make sure that the server supports PKCE with S256, which latchkey always uses.',
      )
}

function checkResponseMode(metadata: AuthorizationServer): Row {
  const modes = metadata.response_modes_supported
  const mode = chooseResponseMode(metadata, undefined, true)
  if (mode === 'web_message') return green('response-mode', 'the metadata lists web_message')
  if (!modes) return green('response-mode', `${mode}, the default, with the callback page`)
  return modes.includes(mode)
    ? green('response-mode', `the metadata lists ${mode}, for the callback page`)
    : red('response-mode', `modes: ${modes.join(', ')}`, 'Enable web_message, fragment or query.')
}

const checkable = /^((RS|PS|ES)(256|384|512)|EdDSA|Ed25519)$/

function checkAlgorithms({ id_token_signing_alg_values_supported: listed }: AuthorizationServer): Row {
  const good = listed?.filter((one) => checkable.test(one))
  if (!listed)
    return amber(
      'id-token-alg',
      'no algorithms listed',
      'latchkey then expects RS256: make sure that the server uses it.',
    )
  return good?.length
    ? green('id-token-alg', `the metadata lists ${good.join(', ')}`)
    : red('id-token-alg', `signed with ${listed.join(', ')}`, 'Sign ID tokens with RS256, PS256 or ES256.')
}
