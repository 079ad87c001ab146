import { describe, expect, test } from 'vitest'
import { findMissingTests, findNamedTests } from './named-tests.js'

const self = '`test/unit/named-tests.test.ts`'

test('finds a test by its file and its title, in a sentence and in a table', () => {
  expect(findMissingTests(`${self}: "reports a title that no test has"`)).toEqual([])
  expect(findMissingTests(`${self}: "reports a title that\nno test has"`)).toEqual([])
  expect(findMissingTests(`| a row | ${self} | "reports a title that no test has" |`)).toEqual([])
  expect(findMissingTests(`${self}: "reports a title that no test has", \`finds 1 and 2\``)).toEqual([])
})

test('reports a title that no test has', () => {
  const path = 'test/unit/named-tests.test.ts'
  expect(findMissingTests(`${self}: "finds 1 and 2", "reports a title"`)).toEqual([
    `${path}: reports a title`,
  ])
  // It is in the file, but only as a value.
  expect(findMissingTests(`${self} "a row"`)).toEqual([`${path}: a row`])
  expect(findMissingTests('`test/unit/absent.test.ts`')).toEqual(['test/unit/absent.test.ts: no such file'])
})

test('takes each title for the file before it', () => {
  const named = findNamedTests(
    `${self}: "one", "two" and \`three \\| four\`. "five" \`test/a.spec.ts\` "six"`,
  )
  expect(named).toEqual([
    { path: 'test/unit/named-tests.test.ts', titles: ['one', 'two', 'three | four'] },
    { path: 'test/a.spec.ts', titles: ['six'] },
  ])
})

test('takes no title from the next row of a table', () => {
  expect(findNamedTests(`| a | ${self}: "one" |\n| \`two\` | ${self}: "three" |`)).toMatchObject([
    { titles: ['one'] },
    { titles: ['three'] },
  ])
})

describe('a group', () => {
  test('stands before the title of a test', () => {
    expect(findMissingTests(`${self}: "a group › stands before the title of a test"`)).toEqual([])
    expect(findMissingTests(`${self}: "no group › stands before the title of a test"`)).toHaveLength(1)
  })
})

test.each([[1, 2]])('finds %i and %i', (one, other) => {
  expect(findMissingTests(`${self} "finds ${one} and ${other}"`)).toEqual([])
})
