import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findMissingTests, findNamedTests } from './named-tests.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const page = read('docs/security.md')

describe('docs/security.md', () => {
  test('names only tests that exist', () => {
    expect(findMissingTests(page)).toEqual([])
  })

  test('names a test for each requirement, from C1 to C21, and for each attack', () => {
    const rows = page
      .split('\n')
      .filter((line) => line.startsWith('|') && !/^\| *(-|attack|requirement|#|parser)/.test(line))
    const tested = rows.filter((row) => !row.includes('| not by a test: '))
    for (const row of tested) {
      expect(findNamedTests(row).flatMap(({ titles }) => titles).length, row).toBeGreaterThan(0)
    }
    const numbers = [...page.matchAll(/^\| (C\d+)/gm)].map((match) => match[1])
    expect(numbers).toEqual(Array.from({ length: 21 }, (_, index) => `C${index + 1}`))
    expect(rows.length - tested.length).toBeLessThanOrEqual(2)
  })
})
