import { expect, test } from 'vitest'
import { buildFault, faultKinds, incidentKinds, planFault, planIncidents } from '../soak/plan.js'

const planFaults = (seed: number) =>
  Array.from({ length: 2000 }, (_, nth) => planFault(seed, 'token', 'app', nth))

function takeIncidents(seed: number, context = 'near') {
  const taken = []
  for (const incident of planIncidents(seed, context, 10)) if (taken.push(incident) === 500) break
  return taken
}

test('plans the same for the same seed, and something else for another one', () => {
  expect(planFaults(1)).toEqual(planFaults(1))
  expect(planFaults(1)).not.toEqual(planFaults(2))
  expect(takeIncidents(1)).toEqual(takeIncidents(1))
  expect(takeIncidents(1)).not.toEqual(takeIncidents(2))
  expect(takeIncidents(1)).not.toEqual(takeIncidents(1, 'far'))
})

test('plans each fault, before and after the server has done its work, and up to 3 s of latency', () => {
  const planned = planFaults(1)
  for (const kind of faultKinds)
    for (const afterProcessing of [true, false])
      expect(
        planned.some((one) => one.kind === kind && one.afterProcessing === afterProcessing),
        `${kind}, ${afterProcessing}`,
      ).toBe(true)
  const delays = planned.map(({ delay }) => delay)
  expect(Math.min(...delays)).toBe(0)
  expect(Math.max(...delays)).toBeGreaterThan(2900)
  expect(Math.max(...delays)).toBeLessThanOrEqual(3000)
})

test('passes most answers on', () => {
  const passed = planFaults(1).filter(({ kind }) => !kind).length
  expect(passed / 2000).toBeGreaterThan(0.8)
  expect(passed / 2000).toBeLessThan(0.9)
  expect(planFault(1, 'end_session', 'app', 1)).toMatchObject({ kind: undefined, delay: 0 })
})

test('plans each incident, for each tab', () => {
  const incidents = takeIncidents(1)
  expect(new Set(incidents.map(({ kind }) => kind))).toEqual(new Set(incidentKinds))
  expect(new Set(incidents.map(({ tab }) => tab))).toEqual(
    new Set(Array.from({ length: 10 }, (_, tab) => tab)),
  )
})

test('builds a fault for each kind, and none for an answer that is passed on', () => {
  const planned = { delay: 0, afterProcessing: false, cors: true, retryAfter: 2 }
  const faults = faultKinds.map((kind) => buildFault({ ...planned, kind }))
  expect(new Set(faults.map((fault) => JSON.stringify(fault))).size).toBe(faultKinds.length)
  expect(buildFault({ ...planned, kind: '429 with Retry-After' })).toMatchObject({
    status: 429,
    retryAfter: 2,
  })
  expect(buildFault({ ...planned, kind: '504' })).toMatchObject({ status: 504 })
  expect(buildFault({ ...planned, kind: undefined })).toEqual({})
})
