import type { Client } from 'latchkey'
import { paymentType, type Payment } from '../authorization-server/payment.js'
import type { Call } from '../services/call.js'
import { showApiAnswer } from './api-answer.js'
import { buttons, markCalled } from './buttons.js'
import { showCalls, type Lane } from './call-picture.js'
import { config, type DemoApi } from './config.js'
import { formatSince } from './format-since.js'
import { addEntry } from './timeline.js'

type ApiCall = [api: DemoApi | undefined, path: string, title: string]

/** The payment that the user approves and the new token names. */
const payment: Payment = {
  type: paymentType,
  actions: ['initiate'],
  instructedAmount: { amount: '42.00', currency: 'EUR' },
  creditorName: 'Brass & Sons',
}

/** Makes the buttons call the APIs, each with its own token; `run` runs the action of a click. */
export function addApiCalls(auth: Client, run: (calls: () => Promise<void>) => Promise<void>): void {
  const { orders, payments } = config
  const onClick = (button: HTMLButtonElement, work: () => Promise<void>) =>
    button.addEventListener('click', () => {
      markCalled(button)
      // If this call fails, the page must not show the result of the previous one.
      showCalls([])
      showApiAnswer(null)
      void run(work)
    })
  const callAll = async (...calls: ApiCall[]) => {
    const lanes = await Promise.all(calls.map((one) => call(auth, ...one)))
    showCalls(lanes.filter((lane) => lane.calls.length))
  }
  const add = (button: HTMLButtonElement, ...calls: ApiCall[]) => onClick(button, () => callAll(...calls))
  add(buttons.callApi, [orders, '/orders', 'Your orders'])
  // The API requires a second factor for these: fetch asks for it in a popup, which this click allows.
  add(buttons.refunds, [orders, '/orders/refunds', 'Your refunds'])
  add(buttons.bills, [payments, '/bills', 'Your bills'])
  onClick(buttons.pay, async () => {
    await auth.login({ authorizationDetails: [payment] })
    await callAll([payments, '/payable', 'One payment'])
  })
  add(
    buttons.stock,
    [orders, '/orders/stock?way=impersonation', 'Impersonation'],
    [orders, '/orders/stock?way=delegation', 'Delegation'],
  )
  add(buttons.partner, [undefined, '/orders', 'A partner’s user, by SAML'])
  add(buttons.partnerJwt, [undefined, '/orders?with=jwt', 'A partner’s user, by JWT'])
  add(buttons.supply, [orders, '/orders/supply', 'The shop’s own request'])
}

/** Calls an API, or the shop's partner, which needs no token. Shows the response, and returns the chain of calls in it. */
async function call(auth: Client, api: DemoApi | undefined, path: string, title: string): Promise<Lane> {
  const start = performance.now()
  const response = await (api ? auth.fetch(api.url + path) : fetch(config.partnerUrl + path))
  const text = await response.text()
  const body = parse(text) as { calls?: Call[] }
  const { status, statusText } = response
  addEntry('call', `fetch(…${path})`, `${status} ${statusText} in ${formatSince(start)}`)
  showApiAnswer({ path, status, statusText, duration: performance.now() - start, body })
  return { title, calls: body.calls ?? [] }
}

/** Parses a response; wraps the text if it is not JSON, such as a proxy's error page. */
function parse(text: string): object {
  try {
    return Object(JSON.parse(text)) as object
  } catch {
    return { answer: text }
  }
}
