import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { findErrorMessages } from './message-index.js'

const folder = fileURLToPath(new URL('../../src', import.meta.url))
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)
const sources = files.map((file) => readFileSync(join(folder, file), 'utf8'))

/** A message: a text, a template, the first of two of them, or the name of a variable. */
const text = /\s*(?:\w+\s*\?\s*)?(?:'([^']+)'|`([^`]+)`|(\w+))/.source

/** Finds what some calls are given as their message; what a template fills in becomes one word. */
function findMessages(call: string): { messages: string[]; names: string[]; calls: number } {
  const found = sources.flatMap((source) => [...source.matchAll(new RegExp(call + text, 'g'))])
  const messages = found.flatMap(
    ([, plain, template]) => plain ?? template?.replace(/\$\{[^}]+\}/g, 'x') ?? [],
  )
  return { messages, names: found.flatMap(([, , , name]) => name ?? []), calls: found.length }
}

test('every AuthError has a descriptive message', () => {
  const own = findMessages(String.raw`new AuthError\(\s*[^,]+,`)
  const calls = sources.join('').match(/new AuthError\(/g)!.length
  // `message` is what `refuse` is given, and what an error had in a worker.
  expect([own.calls, own.names]).toEqual([calls, ['message', 'message']])
  const refusals = findMessages(String.raw`\brefuse\(\s*'\w+',\s*[^,()]+,`)
  expect(refusals.messages.length).toBeGreaterThan(5)
  expect(refusals.names).toEqual([])
  // Those after what a request to the server was for.
  const failures = findMessages(String.raw`\bbuild\([^,]+,`)
  // The index has both of two.
  const index = [...findErrorMessages().keys()].map((message) => message.replace(/…/g, 'x'))
  const first = [...own.messages, ...refusals.messages, ...failures.messages.map((message) => `x ${message}`)]
  const all = [...first, ...index]
  expect(all.length).toBeGreaterThan(40)
  // `x x` is what the failures are put together with.
  const wrong = all.filter((message) => message !== 'x x' && !isGood(message))
  expect(wrong).toEqual([])
})

test('finds a message that is too short, a link, capitalized or ends with a full stop', () => {
  const wrong = ['not allowed', 'see https://example.com/e/17', 'Nobody is logged in', 'nobody is logged in.']
  expect(wrong.filter(isGood)).toEqual([])
})

/** Three words and more, links not among them; lower case, names excepted; no full stop. */
function isGood(message: string): boolean {
  const words = message.split(/\s+/).filter((word) => !/^\w+:\/\//.test(word))
  return words.length > 2 && /^["\w]/.test(message) && !/^[A-Z]/.test(message) && !message.endsWith('.')
}
