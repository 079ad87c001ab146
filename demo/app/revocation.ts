import type { Client } from 'latchkey'
import { fetchWithToken } from 'latchkey/dpop'
import { config } from './config.js'
import { byId, element } from './element.js'
import { describeFetch, judgeToken, type Outcome, type ShippingApi } from './revocation-words.js'
import { addEntry } from './timeline.js'
import { readTokenClaims } from './token-claims.js'

/** The buttons of this part of the page, enabled while a user is logged in. */
export const revocationButtons = {
  call: byId('call-both') as HTMLButtonElement,
  revoke: byId('revoke') as HTMLButtonElement,
  renew: byId('fetch-deliveries') as HTMLButtonElement,
}

/** The action of a click. It must do nothing more once the session is over: the page then shows another user, or none. */
type Action = (isOver: () => boolean) => Promise<void>

/** The token that the two cards show. */
let shown: string | undefined
/** How many sessions have ended since the page was loaded. */
let endedSessions = 0

/**
 * Makes the buttons compare two APIs that accept the same JWT: one asks the server whether it was revoked, the other only checks
 * its signature. `run` runs the action of a click.
 */
export function addRevocation(auth: Client, run: (action: () => Promise<void>) => Promise<void>): void {
  const { call, revoke, renew } = revocationButtons
  const { resource, deliveries, tracking } = config.shipping
  const onClick = (button: HTMLButtonElement, action: Action) =>
    button.addEventListener('click', () => void run(() => runInSession(action)))
  // Not `auth.fetch`: after a 401 it would renew the token and send the request again.
  const send = async (url: string, token: string) =>
    readOutcome(await fetchWithToken(auth, { token, tokenType: 'dpop' }, `${url}/parcels`))
  const compare = async (token: string, isOver: () => boolean, note?: string) => {
    const [one, other] = await Promise.all([send(deliveries.url, token), send(tracking.url, token)])
    if (!isOver()) show(token, { deliveries: one, tracking: other }, note)
  }

  onClick(call, async (isOver) => {
    const token = await auth.getToken({ resource })
    if (!isOver()) await compare(token, isOver)
  })
  onClick(revoke, async (isOver) => {
    const token = shown ?? (await auth.getToken({ resource }))
    if (isOver()) return
    await revokeToken(token)
    if (isOver()) return
    addEntry('call', 'Token revoked', `${nameToken(token)}, at the authorization server`)
    await compare(token, isOver)
  })
  onClick(renew, async (isOver) => {
    const before = await auth.getToken({ resource })
    if (isOver()) return
    const { status } = await auth.fetch(`${deliveries.url}/parcels`)
    if (isOver()) return
    const token = await auth.getToken({ resource })
    if (isOver()) return
    addEntry('call', 'fetch(…/parcels)', `${status}, with ${nameToken(token)}`)
    const note = describeFetch({ before: nameToken(before), after: nameToken(token), status })
    await compare(token, isOver, note)
  })
}

/** Runs an action. If it fails, the page does not show an earlier result; after the end of the session, nothing shows the error. */
async function runInSession(action: Action): Promise<void> {
  const before = endedSessions
  const isOver = () => endedSessions !== before
  try {
    await action(isOver)
  } catch (error) {
    if (isOver()) return
    clear()
    throw error
  }
}

/** Clears the cards when the session ends. */
export function clearRevocation(): void {
  endedSessions += 1
  clear()
}

function clear(): void {
  shown = undefined
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

/** Shows what both APIs answered to a token; `note` replaces the words about the APIs. */
function show(token: string, outcomes: Record<ShippingApi, Outcome>, note?: string): void {
  shown = token
  showOutcome('deliveries', outcomes.deliveries)
  showOutcome('tracking', outcomes.tracking)
  const verdict = judgeToken(outcomes, readTokenClaims(token)?.['exp'])
  byId('compare').dataset['token'] = verdict.state
  const name = element('strong', {}, nameToken(token))
  byId('shared-token').replaceChildren(name, ` ${verdict.words} ${note ?? verdict.note}`)
}

function showOutcome(api: ShippingApi, { status, error }: Outcome): void {
  const card = byId(api)
  card.dataset['outcome'] = status === 200 ? 'accepted' : 'refused'
  const words = status === 200 ? 'accepted' : error
  card
    .querySelector('.outcome')!
    .replaceChildren(element('strong', {}, String(status)), element('span', {}, words))
}

/** Names a token by the start of its ID. */
function nameToken(token: string): string {
  return `Token ${String(readTokenClaims(token)?.['jti']).slice(0, 6)}`
}
