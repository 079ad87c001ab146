import { createClient } from 'latchkey'
import { dpop } from 'latchkey/dpop'
import type { ClientOptions, LoginOptions, State, TokenSet } from 'latchkey'
import { showApiAnswer } from './api-answer.js'
import { addApiCalls } from './api-calls.js'
import { buttons, enableButtons, markCalled } from './buttons.js'
import { showCalls } from './call-picture.js'
import { showClaims } from './claims-list.js'
import { config, otherServer } from './config.js'
import { byId } from './element.js'
import { clearError, showError } from './error-box.js'
import { addEventEntry } from './event-entry.js'
import { fitPage } from './fit-page.js'
import { formatSince } from './format-since.js'
import { buildOptions } from './other-server.js'
import { addRevocation, clearRevocation } from './revocation.js'
import { addServerCalls } from './server-calls.js'
import { showSession } from './session-card.js'
import { describeState } from './state-words.js'
import { addEntry } from './timeline.js'
import { readTokenClaims } from './token-claims.js'
import { createTokenLife, endless } from './token-life.js'

const auth = createClient({
  ...(otherServer ? buildOptions(otherServer) : ownOptions()),
  onEvent(event) {
    addEventEntry(event)
    if (event.type === 'renewed') void showToken()
  },
})

function ownOptions(): ClientOptions {
  return {
    issuer: config.issuer,
    clientId: config.clientId,
    scope: config.scope,
    resource: [config.orders.resource, config.payments.resource, config.shipping.resource],
    apis: [config.orders, config.payments, config.shipping.deliveries, config.shipping.tracking],
    dpop: dpop(),
    stepUp: 'popup',
  }
}

const tokenLife = createTokenLife()
let shown: State | undefined
let attempt: AbortController | undefined

function render(state: State): void {
  const before = shown
  shown = state
  showSession(state)
  enableButtons(state)
  if (!before || describeState(before) !== describeState(state)) addEntry('state', describeState(state))
  if (state.status === 'loading') return

  showClaims(
    byId('id-token'),
    state.status === 'logged-in' ? state.user : null,
    'Log in to see its claims here.',
  )
  if (state.status === 'logged-in') {
    if (before?.status !== 'logged-in') void showToken()
  } else {
    showTokenSet(null)
    showApiAnswer(null)
    showCalls([])
    clearRevocation()
    markCalled()
    // No code of this page awaits a redirect login, so the state carries its error.
    if (state.error && (before?.status !== 'logged-out' || before.error !== state.error))
      showError(state.error)
  }
}

function showTokenSet(token: TokenSet | null): void {
  const claims = token && readTokenClaims(token.accessToken)
  const otherwise = token ? 'This access token is opaque.' : 'No access token yet.'
  showClaims(byId('access-token'), claims, otherwise)
  const issuedAt = typeof claims?.['iat'] === 'number' ? claims['iat'] * 1000 : Date.now()
  tokenLife.show(token && { start: issuedAt, end: token.expiresAt })
}

/** Shows the current token. The user did not ask for it, so an error is not shown. */
async function showToken(): Promise<void> {
  try {
    showTokenSet(await auth.getTokenSet())
  } catch {
    showTokenSet(null)
  }
}

/** Runs a button's action, highlights its line of code, and shows its error. */
async function run(call: string, action: () => Promise<void>): Promise<void> {
  clearError()
  for (const line of document.querySelectorAll('[data-call]')) {
    line.toggleAttribute('data-active', line.getAttribute('data-call') === call)
  }
  try {
    await action()
  } catch (error) {
    if (error !== cancelled) showError(error)
  }
}

const cancelled = new DOMException('The login was cancelled', 'AbortError')

function login(options: LoginOptions = {}): Promise<void> {
  attempt?.abort(cancelled)
  attempt = new AbortController()
  const { signal } = attempt
  return run('login', async () => void (await auth.login({ ...options, signal })))
}

buttons.login.addEventListener('click', () => void login())
buttons.redirect.addEventListener('click', () => void login({ mode: 'redirect' }))
buttons.cancel.addEventListener('click', () => attempt?.abort(cancelled))

// Prepares metadata, keys and PKCE before the click, so that the popup opens directly at the server.
for (const event of ['pointerenter', 'focus']) {
  buttons.login.addEventListener(event, () => void auth.prepare().catch(() => {}))
}

buttons.getToken.addEventListener('click', () => {
  void run('getToken', async () => {
    const start = performance.now()
    const token = await auth.getTokenSet()
    addEntry('call', 'getToken()', `valid until ${formatTime(token.expiresAt)}, took ${formatSince(start)}`)
    showTokenSet(token)
  })
})

buttons.copy.addEventListener('click', () => {
  void run('getToken', async () => {
    await navigator.clipboard.writeText(await auth.getToken())
    addEntry('call', 'getToken()', 'copied to the clipboard')
  })
})

if (otherServer) {
  fitPage(otherServer)
  addServerCalls(auth, otherServer, run)
} else {
  addApiCalls(auth, async (calls) => {
    await run('fetch', calls)
    // A step-up brings a new token.
    if (auth.getState().status === 'logged-in') await showToken()
  })
  addRevocation(auth, (action) => run('fetch', action))
}

buttons.logout.addEventListener('click', () => void run('logout', () => auth.logout()))

function formatTime(time: number): string {
  return time >= endless ? 'further notice' : new Date(time).toLocaleTimeString()
}

auth.subscribe(render)
render(auth.getState())
