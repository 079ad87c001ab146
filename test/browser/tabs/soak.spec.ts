import { expect, test } from '../../rig/fixtures.js'
import { judge } from '../../soak/judge.js'
import { runSoak } from '../../soak/run-soak.js'

test.skip(({ browserName }) => browserName === 'firefox', 'BiDi can neither freeze nor crash a tab')

// The short form of "npm run soak": see docs/reliability.md.
test('loses no session while requests and tabs fail at random', async ({ browser }) => {
  test.setTimeout(150_000)
  const refreshes = 40
  const record = await runSoak(browser, { seed: 1, refreshes, tabs: 4, sessions: 3, limit: 40_000 })
  const { figures, failures } = judge(record, { refreshes })
  expect(failures).toEqual([])
  // The control: something has failed, in requests and in tabs.
  expect(figures.faults).toBeGreaterThan(0)
  expect(figures.incidents).toBeGreaterThan(0)
})
