import type { Client } from 'latchkey'
import { exchangeToken } from 'latchkey/exchange'
import { getUserInfo } from 'latchkey/userinfo'
import { showApiAnswer } from './api-answer.js'
import { buttons, isWithheld, markCalled, withhold } from './buttons.js'
import { showClaims } from './claims-list.js'
import { byId, element } from './element.js'
import { formatSince } from './format-since.js'
import { isAvailable, type OtherServer } from './other-server.js'
import { addEntry } from './timeline.js'
import { readTokenClaims } from './token-claims.js'

type Run = (call: string, action: () => Promise<void>) => Promise<void>

/** Adds the calls that do not need the demo's APIs, and disables what the server does not offer. `run` runs the action of a click. */
export function addServerCalls(auth: Client, server: OtherServer, run: Run): void {
  const add = (name: string, call: string, action: () => Promise<Record<string, unknown>>) => {
    const button = element('button', { type: 'button', disabled: '' }, name)
    button.addEventListener('click', () => {
      markCalled(button)
      // If this call fails, the page must not show the result of the previous one.
      showApiAnswer(null)
      void run(call, async () => {
        const start = performance.now()
        const claims = await action()
        const took = `took ${formatSince(start)}`
        addEntry('call', `${call}()`, took)
        byId('api-status').textContent = `${call}() ${took}`
        showClaims(byId('api-answer'), claims, '')
      })
    })
    buttons.callApi.before(button)
    auth.subscribe(({ status }) => (button.disabled = status !== 'logged-in' || isWithheld(button)))
    return button
  }

  const userInfo = add('Userinfo', 'getUserInfo', () => getUserInfo(auth))
  const exchange = add('Exchange', 'exchangeToken', async () => {
    const { token, ...others } = await exchangeToken(auth, { resource: server.resource })
    return readTokenClaims(token) ?? { ...others }
  })
  if (!isAvailable(server, 'userinfo')) withhold(userInfo, 'ability-userinfo')
  if (!isAvailable(server, 'exchange')) withhold(exchange, 'ability-exchange')
  const forApis = document.querySelectorAll<HTMLButtonElement>('.head button')
  for (const button of [buttons.callApi, buttons.refunds, ...forApis]) withhold(button, 'ability-apis')
}
