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

/** What the user allows, and the token names then. */
const payment: Payment = {
  type: paymentType,
  actions: ['initiate'],
  instructedAmount: { amount: '42.00', currency: 'EUR' },
  creditorName: 'Brass & Sons',
}

/** Lets the buttons call the APIs, each with the token that is for it; `run` runs what a click does. */
export function addApiCalls(auth: Client, run: (calls: () => Promise<void>) => Promise<void>): void {
  const { orders, payments } = config
  const onClick = (button: HTMLButtonElement, work: () => Promise<void>) =>
    button.addEventListener('click', () => {
      markCalled(button)
      // What the last call showed is not what this one says, should it fail.
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
  // The API wants a second factor for these: fetch gets it, in the gesture of this click.
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
  add(buttons.partner, [undefined, '/orders', 'A partner’s user'])
  add(buttons.supply, [orders, '/orders/supply', 'The shop’s own work'])
}

/**
 * Calls an API, or the shop's partner, which wants no token, shows what it answers, and gives the chain of calls that it tells
 * of.
 */
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

/** What came, where it is no JSON: a proxy's page, for example. */
function parse(text: string): object {
  try {
    return Object(JSON.parse(text)) as object
  } catch {
    return { answer: text }
  }
}
