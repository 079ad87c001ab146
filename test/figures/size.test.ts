import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { readBenchRun } from '../bench/bench-run.js'
import {
  addOnNames,
  addOns,
  bundle,
  bundleChunks,
  client,
  findEntry,
  importBudget,
  lazyAim,
  lazyBudget,
  lazyClient,
  globalSizeAim,
  measureAddedToStart,
  measureAddOn,
  measurePage,
  measureGlobal,
  measureLazy,
  measureSizes,
  measureWorkerFile,
  sizeAim,
  sizeBudget,
  sizeOf,
  testing,
} from './measure-size.js'
import { buildReadmeBlock, extractBlock, markers, normalize } from './readme-block.js'

// Each of these builds apps with Vite.
vi.setConfig({ testTimeout: 180_000 })

test('an app with createClient and its defaults stays within its budget', async () => {
  const code = await bundle("import { createClient } from 'latchkey'")
  const { raw, brotli } = sizeOf(code)
  console.log(
    `createClient with its defaults and both dependencies: ${brotli} bytes with brotli (aim: ${sizeAim}), ${raw} minified`,
  )
  // Measured is what would ship: whitespace gone, nothing left to import, both dependencies inside.
  expect(code.split('\n').length).toBeLessThan(10)
  expect(code).not.toMatch(/^import\b/m)
  for (const mark of ['OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'createObjectStore', 'authorization_response'])
    expect(code).toContain(mark)
  expect(brotli).toBeLessThanOrEqual(sizeBudget.client)
})

test('an app of latchkey/lazy stays within its budget, at its start and in all', async () => {
  const { start, engine, total } = await measureLazy()
  console.log(
    `latchkey/lazy: ${start.brotli} bytes with brotli at the start (aim: ${lazyAim.start}), ${engine.brotli} later, ${total.brotli} in all`,
  )
  expect(start.brotli).toBeLessThanOrEqual(lazyBudget.start)
  expect(total.brotli).toBeLessThanOrEqual(lazyBudget.total)
})

for (const name of addOnNames) {
  const { statement, startBudget } = addOns[name]
  test(`latchkey/${name} adds no more than its budget to the start of latchkey/lazy`, async () => {
    const added = await measureAddedToStart(statement)
    console.log(`latchkey/${name} in the start of latchkey/lazy: ${added} bytes with brotli`)
    expect(added).toBeLessThanOrEqual(startBudget)
  })
}

test('add-ons whose requests the engine makes leave oauth4webapi out of the start of latchkey/lazy', async () => {
  const startOf = async (imports: string) => (await bundleChunks(`${lazyClient}\n${imports}`))[0]
  const bindings = ['angular', 'react', 'vue', 'svelte', 'solid'] as const
  for (const name of [
    ...(['exchange', 'external', 'id-token', 'idle', 'overlay', 'worker'] as const),
    ...bindings,
  ])
    expect(await startOf(addOns[name].statement), name).not.toContain('OAUTH_')
  // The positive control: the library would be seen.
  expect(await startOf(addOns.userinfo.statement)).toContain('OAUTH_')
})

for (const entry of ['latchkey/userinfo', 'latchkey/element/define'])
  test(`an app of latchkey/lazy that loads ${entry} with import() keeps its small start`, async () => {
    const imports = `globalThis.load = () => import('${entry}')`
    const [start, ...later] = await bundleChunks(`${lazyClient}\n${imports}`)
    expect(start).not.toContain('OAUTH_')
    expect(later.join()).toContain('OAUTH_')
    expect(await measureAddedToStart(imports)).toBeLessThanOrEqual(importBudget)
  })

test('the two files of the callback page stay within 1.0 kB together', () => {
  const { raw, brotli } = measurePage('callback')
  console.log(`callback.html and callback.js: ${brotli} bytes with brotli, ${raw} as they are`)
  expect(brotli).toBeLessThanOrEqual(sizeBudget.callbackPage)
})

test('the two files of the page for front-channel logout stay within their budget', () => {
  const { raw, brotli } = measurePage('logout')
  console.log(`logout.html and logout.js: ${brotli} bytes with brotli, ${raw} as they are`)
  expect(brotli).toBeLessThanOrEqual(sizeBudget.logoutPage)
})

test('the file for a script tag stays within its budget, with all that it needs in it', () => {
  const { raw, brotli } = measureGlobal()
  console.log(`latchkey.global.js: ${brotli} bytes with brotli (aim: ${globalSizeAim}), ${raw} minified`)
  expect(brotli).toBeLessThanOrEqual(sizeBudget.global)
  const code = readFileSync(findEntry('./latchkey.global.js'), 'utf8')
  expect(code).not.toMatch(/\b(import|require)\b *[("'`{]/)
  for (const mark of ['OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'login-button', 'latchkey:state'])
    expect(code).toContain(mark)
})

test('the file of a worker stays within its budget, with all that it needs in it', () => {
  const { raw, brotli } = measureWorkerFile()
  console.log(`worker.js: ${brotli} bytes with brotli, ${raw} minified`)
  expect(brotli).toBeLessThanOrEqual(sizeBudget.workerFile)
  const code = readFileSync(findEntry('./worker.js'), 'utf8')
  for (const mark of ['OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'dpop+jwt', 'token-exchange', 'userinfo_endpoint'])
    expect(code).toContain(mark)
  // Nothing of it can store a session where a page could read it.
  for (const mark of ['createObjectStore', 'sessionStorage.setItem', 'window.open'])
    expect(code).not.toContain(mark)
})

for (const name of addOnNames) {
  const { statement, budget, words } = addOns[name]
  test(`latchkey/${name} stays within its budget, and is only where it is imported`, async () => {
    const { raw, brotli } = await measureAddOn(statement)
    console.log(`latchkey/${name} beside createClient: ${brotli} bytes with brotli, ${raw} minified`)
    expect(brotli).toBeLessThanOrEqual(budget)
    const [alone, both] = [await bundle(client), await bundle(`${client}\n${statement}`)]
    for (const word of words) {
      expect(both.includes(word), word).toBe(true)
      expect(alone.includes(word), word).toBe(false)
    }
  })
}

test('latchkey/testing is only where it is imported, its script included', async () => {
  const code = await bundle(testing.statement)
  console.log(`latchkey/testing: ${sizeOf(code).brotli} bytes with brotli`)
  const alone = await bundle(client)
  for (const word of testing.words) {
    expect(code.includes(word), word).toBe(true)
    expect(alone.includes(word), word).toBe(false)
  }
})

test('what is not imported is not in the bundle', async () => {
  const client = sizeOf(await bundle("import { createClient } from 'latchkey'"))
  const guard = sizeOf(await bundle("import { isAuthError } from 'latchkey'"))
  expect(guard.raw).toBeLessThan(client.raw / 20)
})

// In this file, because it has already built the same apps.
const readme = fileURLToPath(new URL('../../README.md', import.meta.url))
const advice = 'run "npx tsx test/figures/write-readme-figures.ts"'

test('the README has the sizes, requests and times that were measured', async () => {
  const block = existsSync(readme) ? extractBlock(readFileSync(readme, 'utf8')) : undefined
  expect(block, `README.md has no figures between ${markers.start} and ${markers.end}`).toBeDefined()
  // Compared without column widths: the formatter aligns tables.
  expect(normalize(block!), advice).toBe(
    normalize(await buildReadmeBlock(await measureSizes(), readBenchRun())),
  )
})
