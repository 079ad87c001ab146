import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestAuthorizationServer } from '../rig/authorization-server.js'
import { appOrigin, openNodeClient, type NodeClient } from '../rig/node-client.js'
import { startFaultProxy, type FaultProxy } from '../soak/fault-proxy.js'
import { planFault } from '../soak/plan.js'

const clientId = 'soak-app'
let proxy: FaultProxy
let client: NodeClient

/** Finds a seed whose nth requests to the token endpoint get these faults. */
function findSeed(...wanted: ((fault: ReturnType<typeof planFault>) => boolean)[]): number {
  for (let seed = 1; ; seed++)
    if (wanted.every((isWanted, index) => isWanted(planFault(seed, 'token', clientId, index + 1))))
      return seed
}

const destroyed = findSeed(
  ({ kind, afterProcessing, delay }) => kind === 'connection cut' && afterProcessing && delay < 100,
)

beforeEach(async () => {
  proxy = await startFaultProxy(destroyed, [clientId], [appOrigin])
  const as = { ...proxy, clientId } as unknown as TestAuthorizationServer
  client = await openNodeClient(as, { clientId })
  await client.logIn()
})

afterEach(() => proxy.close())

const refreshes = () =>
  proxy.exchanges
    .filter(({ kind }) => kind === 'refresh')
    .map(({ token, outcome, fault, delivered }) => ({ token, outcome, fault, delivered }))

test('records the answers that the server gives while all is calm', async () => {
  await client.refresh()
  await client.refresh()
  await expect.poll(refreshes).toEqual([
    { token: 1, outcome: 'granted', fault: undefined, delivered: true },
    { token: 2, outcome: 'granted', fault: undefined, delivered: true },
  ])
  expect(proxy.exchanges.map(({ kind }) => kind)).toEqual(['code', 'refresh', 'refresh'])
})

test('records a rotation whose answer it destroyed, and the refusal of the same token', async () => {
  proxy.isCalm = false
  await expect(client.refresh()).rejects.toMatchObject({ code: 'network_error' })
  proxy.isCalm = true
  await expect(client.refresh()).rejects.toMatchObject({ code: 'invalid_grant' })
  await expect.poll(refreshes).toEqual([
    { token: 1, outcome: 'granted', fault: 'connection cut', delivered: false },
    { token: 1, outcome: 'refused', fault: undefined, delivered: true },
  ])
})

test('leaves a client in peace that is spared', async () => {
  proxy.isCalm = false
  proxy.spared.add(clientId)
  await client.refresh()
  await expect.poll(refreshes).toEqual([{ token: 1, outcome: 'granted', fault: undefined, delivered: true }])
})
