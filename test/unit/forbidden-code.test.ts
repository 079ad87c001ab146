import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const source = fileURLToPath(new URL('../../src', import.meta.url))
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
)

/** What the code for browsers must not contain, and a line that contains it. */
const forbidden: Record<string, [pattern: RegExp, sample: string]> = {
  'the password grant': [/grant_type['":= ]+password|resourceOwnerPassword/, "grant_type: 'password'"],
  'a response type with tokens': [
    /responseType: '(?!code')|response_type['":= ]+\w*token/,
    "responseType: 'id_token token'",
  ],
  'a cookie': [/document\.cookie|cookieStore/, 'document.cookie = token'],
  'a service worker': [/serviceWorker\.register/, "navigator.serviceWorker.register('/sw.js')"],
  'a message to any origin': [/postMessage\([^)]*,\s*['"]\*['"]/, "opener.postMessage(message, '*')"],
  'the plain code challenge method': [/codeChallengeMethod: '(?!S256')/, "codeChallengeMethod: 'plain'"],
  'HTML from a string': [
    /\.(inner|outer)HTML\s*=|insertAdjacentHTML|document\.write/,
    'element.innerHTML = text',
  ],
  'code from a string': [/\beval\(|new Function\(/, 'eval(text)'],
}

describe('the source', () => {
  for (const [name, [pattern, sample]] of Object.entries(forbidden))
    test(`does not contain ${name}`, () => {
      // The control: it would be found.
      expect(sample).toMatch(pattern)
      const found = files
        // The doctor runs in Node, and asks servers what they refuse. Comments may name what the code must not do.
        .filter((file) => !file.startsWith('doctor/'))
        .filter((file) => pattern.test(withoutComments(readFileSync(join(source, file), 'utf8'))))
      expect(found).toEqual([])
    })

  test('was found', () => expect(files.length).toBeGreaterThan(100))
})

function withoutComments(code: string): string {
  return code.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}
