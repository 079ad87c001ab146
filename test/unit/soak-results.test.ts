import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { putTable, readResult } from '../soak/results.js'

const file = (path: string) => new URL(`../../${path}`, import.meta.url)
const doc = readFileSync(file('docs/reliability.md'), 'utf8')

test('docs/reliability.md has the table of the recorded run', async () => {
  expect(doc, 'run "npm run soak -- --write"').toBe(await putTable(doc, readResult()))
})

test('the recorded run is long enough, and met every required figure', () => {
  const { figures } = readResult()
  expect(figures.refreshes).toBeGreaterThanOrEqual(5000)
  const { sentConcurrently, sentAfterAnswer, lostOtherwise, disagreements } = figures
  expect({ sentConcurrently, sentAfterAnswer, lostOtherwise, disagreements }).toEqual({
    sentConcurrently: 0,
    sentAfterAnswer: 0,
    lostOtherwise: 0,
    disagreements: 0,
  })
})

test('a table of other figures would be noticed', async () => {
  const zeros = {
    refreshes: 5000,
    loginsNeeded: 0,
    sentConcurrently: 0,
    sentAfterAnswer: 0,
    sentAgainUnprocessed: 0,
    sentAgainProcessed: 0,
    frameGrants: 0,
    lostUnavoidably: 0,
    lostOtherwise: 0,
    disagreements: 0,
    storeFailures: 0,
    tokens: 1,
    incidents: 1,
    faults: 1,
    errors: {},
  }
  const result = {
    date: '2000-01-01',
    seed: 1,
    minutes: 1,
    tabs: 20,
    sessions: 10,
    versions: {},
    figures: zeros,
  }
  const written = await putTable(doc, result)
  expect(written).not.toBe(doc)
  expect(await putTable(written, result)).toBe(written)
  expect(await putTable(written, { ...result, figures: { ...zeros, refreshes: 5001 } })).not.toBe(written)
})
