import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { AuthError, type AuthErrorCode } from '../../src/base/errors.js'
import { checkNames } from '../../src/doctor/row.js'
import { refuse } from '../../src/protocol/refuse.js'
import { readCodeTable } from './doc-rules.js'
import { errorsPath, findErrorMessages, renewMessageIndex } from './message-index.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const codes = readCodeTable(read('src/base/errors.ts')).map(({ code }) => code)
const [, ...parts] = read('docs/errors.md').split(/^### /m)
const sections = parts.map((part) => {
  const [title = '', ...lines] = part.split(/^## /m)[0]!.split('\n')
  return { code: /^`(\w+)`$/.exec(title)?.[1], text: lines.join('\n').trim() }
})

describe('docs/errors.md', () => {
  test('has a section for each code, in the order of the type, and no other', () => {
    expect(codes.length).toBeGreaterThan(40)
    expect(sections.map(({ code }) => code)).toEqual(codes)
  })

  test.each(sections)('explains $code, its causes, and the row of the doctor that shows it', ({ text }) => {
    expect(text).toMatch(/^[A-Z`][^]*?\.\n\n1\. [^]*\.\n\nDoctor: [^]*\.$/)
  })

  test('lists every message with its code', () => {
    const markdown = read(errorsPath)
    expect(markdown, 'run "npx tsx docs/write-api.ts"').toBe(renewMessageIndex(markdown))
    const messages = findErrorMessages()
    expect(messages.size).toBeGreaterThan(50)
    // One of each kind: a text, a template, the default of a claim, and what follows the name of an endpoint.
    expect(messages.get('nobody is logged in: call login()')).toContain('login_required')
    expect(messages.get('this device is offline: reconnect and try again')).toContain('network_error')
    expect(messages.get('… is not a secure context: use https: or localhost')).toContain('insecure_context')
    expect(messages.get(refuse('invalid_id_token', '…').message)).toContain('invalid_id_token')
    expect(messages.get('… answered with HTTP …: try again later')).toContain('temporarily_unavailable')
    for (const [message, found] of messages) expect([message, found.size > 0]).toEqual([message, true])
  })

  test('lists the codes that are always retryable', () => {
    const [, list = ''] =
      /^`retryable` is true for (.+?):/m.exec(read('docs/errors.md').replace(/(?<=,)\n/g, ' ')) ?? []
    const retryable = codes.filter((code) => new AuthError(code as AuthErrorCode, '').retryable)
    expect(retryable.length).toBeGreaterThan(5)
    expect([...list.matchAll(/`(\w+)`/g)].map(([, code]) => code!).sort()).toEqual(retryable.sort())
  })

  test('names existing rows of the doctor', () => {
    const named = sections.flatMap(({ text }) => {
      const line = text.slice(text.lastIndexOf('\nDoctor: ')).replace('for `openid`', '')
      return [...line.matchAll(/`([\w-]+)`/g)].map(([, id]) => id!)
    })
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((id) => !(id in checkNames))).toEqual([])
  })
})
