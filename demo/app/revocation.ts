import type { Client } from 'latchkey'
import { fetchWithToken } from 'latchkey/dpop'
import { config } from './config.js'
import { byId, element } from './element.js'
import { addEntry } from './timeline.js'
import { readTokenClaims } from './token-claims.js'

/** One of the two APIs that accept the same token. */
type ShippingApi = 'deliveries' | 'tracking'

/** How an API responded. */
interface Outcome {
  status: number
  /** The error in the response's body. */
  error: string
}

/** The buttons of this part of the page, enabled while a user is logged in. */
export const revocationButtons = {
  call: byId('call-both') as HTMLButtonElement,
  revoke: byId('revoke') as HTMLButtonElement,
  renew: byId('fetch-deliveries') as HTMLButtonElement,
}

/** A token that both APIs accept as long as it is valid. */
interface SharedToken {
  token: string
  isRevoked: boolean
}

/** The token that the two cards show. */
let current: SharedToken | undefined

/**
 * Makes the buttons compare two APIs that accept the same JWT: one asks the server whether it was revoked, the other only checks
 * its signature. `run` runs the action of a click.
 */
export function addRevocation(auth: Client, run: (action: () => Promise<void>) => Promise<void>): void {
  const { call, revoke, renew } = revocationButtons
  const onClick = (button: HTMLButtonElement, action: () => Promise<void>) =>
    button.addEventListener('click', () => void run(action))
  const compare = async (note: string) => {
    const { token } = current!
    // Not `auth.fetch`: after a 401 it would renew the token and send the request again.
    const send = (api: ShippingApi) =>
      fetchWithToken(auth, { token, tokenType: 'dpop' }, `${config.shipping[api].url}/parcels`)
    const answers = await Promise.all([send('deliveries'), send('tracking')])
    const [deliveries, tracking] = await Promise.all(answers.map(readOutcome))
    showOutcome('deliveries', deliveries!)
    showOutcome('tracking', tracking!)
    showToken(note)
  }

  onClick(call, async () => {
    const token = await auth.getToken({ resource: config.shipping.resource })
    current = { token, isRevoked: token === current?.token && current.isRevoked }
    await compare(current.isRevoked ? describeRevoked() : 'Both APIs accept it.')
  })
  onClick(revoke, async () => {
    const token = current?.token ?? (await auth.getToken({ resource: config.shipping.resource }))
    await revokeToken(token)
    current = { token, isRevoked: true }
    addEntry('call', 'Token revoked', `${nameToken(token)}, at the authorization server`)
    await compare(describeRevoked())
  })
  onClick(renew, async () => {
    const before = current
    const { status } = await auth.fetch(`${config.shipping.deliveries.url}/parcels`)
    const token = await auth.getToken({ resource: config.shipping.resource })
    current = { token, isRevoked: token === before?.token && before.isRevoked }
    addEntry('call', 'fetch(…/parcels)', `${status}, with ${nameToken(token)}`)
    await compare(describeFetch(before))
  })
}

/** Describes what `auth.fetch` did with the token that the cards showed before. */
function describeFetch(before: SharedToken | undefined): string {
  if (current!.isRevoked)
    return 'auth.fetch() got a 401, but does not renew a token that is less than ten seconds old. Click again in a moment.'
  if (!before?.isRevoked) return 'auth.fetch() sent it. There was nothing to renew.'
  return `auth.fetch() got a 401 for ${nameToken(before.token)}, renewed it, and sent the request again with this one.`
}

/** Clears the cards when the session ends. */
export function clearRevocation(): void {
  current = undefined
  byId('shared-token').textContent = 'Call both APIs to see their responses.'
  byId('compare').dataset['token'] = 'none'
  for (const api of ['deliveries', 'tracking'] as const) {
    const card = byId(api)
    delete card.dataset['outcome']
    card.querySelector('.outcome')!.replaceChildren('No call yet')
  }
}

/** Revokes an access token (RFC 7009). The page is the token's client, a public one, so it sends its client ID. */
async function revokeToken(token: string): Promise<void> {
  const metadata = await fetch(`${config.issuer}/.well-known/openid-configuration`)
  const { revocation_endpoint: endpoint } = (await metadata.json()) as { revocation_endpoint: string }
  const body = new URLSearchParams({ token, token_type_hint: 'access_token', client_id: config.clientId })
  const response = await fetch(endpoint, { method: 'POST', body })
  if (!response.ok) throw new Error(`the revocation endpoint answered with HTTP ${response.status}`)
}

async function readOutcome(response: Response): Promise<Outcome> {
  const { error = '' } = (await response.json()) as { error?: string }
  return { status: response.status, error }
}

function showOutcome(api: ShippingApi, { status, error }: Outcome): void {
  const card = byId(api)
  card.dataset['outcome'] = status === 200 ? 'accepted' : 'refused'
  const words = status === 200 ? 'accepted' : error
  card
    .querySelector('.outcome')!
    .replaceChildren(element('strong', {}, String(status)), element('span', {}, words))
}

function showToken(note: string): void {
  const { token, isRevoked } = current!
  byId('compare').dataset['token'] = isRevoked ? 'revoked' : 'valid'
  const name = element('strong', {}, nameToken(token))
  byId('shared-token').replaceChildren(name, isRevoked ? ' is revoked. ' : ' is valid. ', note)
}

function describeRevoked(): string {
  const { exp } = readTokenClaims(current!.token) ?? {}
  const end =
    typeof exp === 'number' ? ` until it expires at ${new Date(exp * 1000).toLocaleTimeString()}` : ''
  return `The deliveries API refuses it. The tracking API accepts it${end}.`
}

/** Names a token by the start of its ID. */
function nameToken(token: string): string {
  return `Token ${String(readTokenClaims(token)?.['jti']).slice(0, 6)}`
}
