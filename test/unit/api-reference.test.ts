import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { buildReference, referencePath } from './api-reference.js'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
const written = await buildReference()

describe('the API reference', () => {
  test('is up to date with the doc comments', () => {
    expect(read(referencePath), 'run "npx tsx docs/write-api.ts"').toBe(written)
  })

  test('has a section for every entry of the package', () => {
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, string | object> }
    const entries = Object.keys(exports).filter((path) => typeof exports[path] !== 'string')
    expect(entries.length).toBeGreaterThan(4)
    for (const path of entries) expect(written).toContain(`\n## ${path.replace('.', 'latchkey')}\n`)
  })

  test('documents how to call a function, its errors and its specification', () => {
    const call = part('#### Client.getToken\n')
    expect(call).toContain('getToken(options?: TokenOptions): Promise<string>')
    expect(call).toContain('`session_lost`')
    expect(call).toContain('```ts\nconst token = await auth.getToken()\n```')
    expect(call).toContain('[`TokenOptions`](#tokenoptions) · RFC 6749 section 6')
    expect(call).toContain('(../src/api/client.ts)')
  })

  test('documents the type, the default and an example of an option', () => {
    const options = part('### ClientOptions\n')
    expect(options).toContain('- **`issuer`** `string | URL`, **required**\n')
    expect(options).toContain("- **`mode`** `ClientMode`, default `'popup'`\n")
    expect(options).toContain("`createClient({ issuer, clientId, mode: 'redirect' })`")
  })

  test('documents the members of types and unions', () => {
    expect(part('### Claims\n')).toContain('- `[claim: string]: unknown`: Any other claim')
    expect(part('### AuthErrorCode\n')).toContain(
      "- `'popup_closed'`: The user closed the window or the overlay",
    )
    expect(part('### Challenge\n')).toContain('- `parameters: { … }`: Its parameters')
  })

  /** Cuts out what stands under a heading, up to the next one. */
  function part(heading: string): string {
    const [, after] = written.split(`\n${heading}`)
    expect(after, heading).toBeDefined()
    return after!.split(/\n#+ /)[0]!
  }
})
