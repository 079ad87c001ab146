import { expect, test } from 'vitest'
import { bundle, measureCallbackPage, sizeAim, sizeBudget, sizeOf } from './measure-size.js'

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

test('the two files of the callback page stay within 1.0 kB together', () => {
  const { raw, brotli } = measureCallbackPage()
  console.log(`callback.html and callback.js: ${brotli} bytes with brotli, ${raw} as they are`)
  expect(brotli).toBeLessThanOrEqual(sizeBudget.callbackPage)
})

test('what is not imported is not in the bundle', async () => {
  const client = sizeOf(await bundle("import { createClient } from 'latchkey'"))
  const guard = sizeOf(await bundle("import { isAuthError } from 'latchkey'"))
  expect(guard.raw).toBeLessThan(client.raw / 20)
})

test('token exchange adds 0.9 kB at most to an app with createClient, and nothing to one that does not import it', async () => {
  const client = await bundle("import { createClient } from 'latchkey'")
  const both = await bundle(
    "import { createClient } from 'latchkey'; import { exchangeToken } from 'latchkey/exchange'",
  )
  const added = sizeOf(both).brotli - sizeOf(client).brotli
  console.log(`exchangeToken beside createClient: ${added} bytes with brotli`)
  expect(added).toBeLessThanOrEqual(sizeBudget.exchange)
  // Words that only the add-on has: its grant, its field, its token type.
  for (const word of ['token-exchange', 'issued_token_type', 'n_a']) {
    expect(both).toContain(word)
    expect(client).not.toContain(word)
  }
})
