import { describe, expect, test } from 'vitest'
import { buildFigure, readBenchRun, type BenchRun, type Figure } from '../bench/bench-run.js'
import { addOnNames, type Sizes } from './measure-size.js'
import { buildReadmeBlock, extractBlock, markers, normalize, replaceBlock } from './readme-block.js'
import { requestFigures } from './request-figures.js'

const bench = readBenchRun()

test.runIf(bench)('the kept bench made the requests that the tests hold', () => {
  for (const { figures } of bench!.browsers) {
    expect(figures).toMatchObject({
      cachedToken: { requests: requestFigures.cachedToken },
      reload: { requests: requestFigures.reload },
      popupLogin: { requests: requestFigures.warmLogin },
      refresh: { requests: requestFigures.refresh },
      iframe: { requests: requestFigures.iframe },
    })
  }
})

describe('the block', () => {
  const sizes: Sizes = {
    client: { raw: 40_149, brotli: 14_449 },
    lazy: {
      start: { raw: 20_000, brotli: 7_000 },
      engine: { raw: 40_000, brotli: 15_000 },
      total: { raw: 60_000, brotli: 22_000 },
    },
    addOns: Object.fromEntries(addOnNames.map((name) => [name, { raw: 5655, brotli: 1468 }])) as never,
    addedToStart: Object.fromEntries(addOnNames.map((name) => [name, 1234])) as never,
    global: { raw: 69_600, brotli: 22_300 },
    workerFile: { raw: 58_900, brotli: 18_700 },
    callbackPage: { raw: 1172, brotli: 547 },
    logoutPage: { raw: 9000, brotli: 3200 },
  }
  const figure: Figure = { unit: 'ms', median: 4.1, min: 3, max: 9, rounds: 5, requests: {} }
  const names = [
    'doNothing',
    'cachedToken',
    'databaseRead',
    'reload',
    'popupLogin',
    'preparedPopupLogin',
    'refresh',
    'iframe',
  ]
  const run: BenchRun = {
    date: '2026-01-31',
    node: 'v20.0.0',
    versions: { latchkey: '0.1.0', 'oidc-provider': '9.0.0' },
    browsers: [
      {
        name: 'chromium',
        version: '1.2',
        figures: Object.fromEntries(names.map((name) => [name, figure])) as never,
      },
    ],
  }

  test('shows sizes to 0.1 kB, and changes when a size does', async () => {
    const block = await buildReadmeBlock(sizes, undefined)
    expect(block).toMatch(/both dependencies included +\| +14\.4 kB \| +40\.1 kB/)
    expect(block).toMatch(/adds +\| +1\.5 kB \| +5\.7 kB \| +\+1\.2 kB/)
    expect(block).toMatch(/together +\| +0\.5 kB \| +1\.2 kB/)
    const bigger = { ...sizes, client: { raw: 40_149, brotli: 14_451 } }
    expect(normalize(await buildReadmeBlock(bigger, undefined))).not.toBe(normalize(block))
  })

  test('shows the requests', async () => {
    const block = await buildReadmeBlock(sizes, undefined)
    expect(block).toContain('metadata 1, authorize 1, jwks 1, token 1')
    expect(block).not.toContain('Chromium')
  })

  test('shows times with where they come from', async () => {
    const block = await buildReadmeBlock(sizes, run)
    expect(block).toMatch(/renewal by refresh token +\| +token 1 \| +2 \| +4\.1 ms/)
    expect(block).toContain('Chromium 1.2, oidc-provider 9.0.0, Node 20.0.0, 2026-01-31')
  })

  test('shows the times of a baseline that was measured in the same run', async () => {
    const old = {
      ...run.browsers[0]!,
      figures: { ...run.browsers[0]!.figures, refresh: { ...figure, median: 7 } },
    }
    const block = await buildReadmeBlock(sizes, { ...run, baseline: { name: 'version 0', browsers: [old] } })
    expect(block).toContain('In the same run, version 0 took:')
    expect(block).toContain('; renewal by refresh token 7 ms;')
    expect(await buildReadmeBlock(sizes, run)).not.toContain('In the same run')
  })

  test('goes between the markers and comes out again', async () => {
    const text = `# Title\n\n${markers.start}\nold\n${markers.end}\n\nMore\n`
    const block = await buildReadmeBlock(sizes, run)
    const replaced = replaceBlock(text, block)
    expect(extractBlock(replaced)).toBe(block)
    expect(replaced).toMatch(/^# Title\n\n<!--[^]*-->\n\nMore\n$/)
    expect(replaceBlock(replaced, block)).toBe(replaced)
    expect(extractBlock('# Title\n')).toBeUndefined()
    expect(() => replaceBlock('# Title\n', block)).toThrow(markers.start)
  })

  test('says the median of an odd and of an even number of rounds', () => {
    expect(buildFigure([9, 1, 5], 'ms', {})).toMatchObject({ median: 5, min: 1, max: 9, rounds: 3 })
    expect(buildFigure([4, 1, 9, 2], 'ms', {}).median).toBe(3)
  })
})
