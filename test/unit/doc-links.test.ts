import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findAnchors, findDocLinks } from './doc-links.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const documents = [
  ...readdirSync(root).filter((path) => path.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
]

/** Says which links of a document lead nowhere. */
function findDeadLinks(document: string, source: string): string[] {
  return findDocLinks(source).flatMap(({ line, path, anchor }) => {
    const target = path ? relative(root, join(root, dirname(document), path)) : document
    const at = `${document}:${line}`
    if (!existsSync(join(root, target))) return [`${at}: no file ${target}`]
    if (!anchor) return []
    const anchors = findAnchors(path ? read(target) : source)
    return anchors.includes(anchor) ? [] : [`${at}: no heading #${anchor} in ${target}`]
  })
}

describe('the links of the documents', () => {
  test.each(documents)('of %s have a target', (document) => {
    expect(findDeadLinks(document, read(document))).toEqual([])
  })

  test('were found', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/api.md', 'docs/servers.md']))
    expect(findDocLinks(read('README.md')).length).toBeGreaterThan(5)
    expect(findDocLinks(read('docs/api.md')).length).toBeGreaterThan(100)
  })

  test('lead from the index to every document', () => {
    const linked = findDocLinks(read('docs/README.md')).map(({ path }) => join('docs', path))
    const all = documents.filter((path) => path.startsWith('docs') && path !== 'docs/README.md')
    expect(all.filter((path) => !linked.includes(path))).toEqual([])
  })
})

describe('the check', () => {
  test.each([
    ['a file that is not there', '[one](nowhere.md)', ['docs/api.md:1: no file docs/nowhere.md']],
    ['a picture that is not there', 'See\n<img src="no.png" />', ['docs/api.md:2: no file docs/no.png']],
    ['a heading that is not there', '[one](#two)', ['docs/api.md:1: no heading #two in docs/api.md']],
    [
      'a heading of another document',
      '[one](../README.md#nothing)',
      ['docs/api.md:1: no heading #nothing in README.md'],
    ],
    ['a file and a heading that are there', '[one](../README.md#a-login)', []],
    ['a heading with signs in it', '# What `a.b()` is, or not?\n[one](#what-ab-is-or-not)', []],
    ['the second heading of a name', '# One\n# One\n[one](#one-1)', []],
    ['another site, and code', '[one](https://example.com/a.md) `[two](three.md)`', []],
  ])('of links finds %s', (_what, source, dead) => {
    expect(findDeadLinks('docs/api.md', source)).toEqual(dead)
  })
})
