import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A test file in a document. */
const mention = /`(test\/[\w./-]+\.(?:spec|test)\.ts)`/g
/** A title that follows a file or another title: in quotes or as code. A pipe in a table is escaped, and a paragraph has line breaks. */
const nextTitle = /^(?:[\s,:;]|\|(?!\s*\n))*(?:and\s+)?(?:"([^"]+)"|`([^`]+)`)/
/** The call of a test or of a group of tests, with its title. One that is always skipped does not count. */
const testCall = /(\b(?:test|it|describe)|\))\(\s*(['"`])((?:\\[^]|(?!\2)[^\\])*)\2,\s*(?:async\b|\(|\{)/g

/**
 * Finds the tests that a document names, but that do not exist. The document names a test by its file as code, followed by the titles
 * in quotes or as code:
 *
 *     `test/browser/pages/leaks.spec.ts`: "leaves nothing behind", "notices what is left"
 *
 * A title whose test is one of a table can be written with the values of its row. The titles of the groups that the test is in can
 * stand before its own, separated by ` › `.
 */
export function findMissingTests(markdown: string): string[] {
  return findNamedTests(markdown).flatMap(({ path, titles }) => {
    const patterns = readTitles(path)
    if (!patterns) return [`${path}: no such file`]
    return titles
      .filter((title) => !title.split(' › ').every((part) => patterns.some((one) => one.test(part))))
      .map((title) => `${path}: ${title}`)
  })
}

/** Lists the test files in a document, with the titles that follow each of them. */
export function findNamedTests(markdown: string): { path: string; titles: string[] }[] {
  return [...markdown.matchAll(mention)].map(({ 0: text, 1: path, index }) => {
    const titles: string[] = []
    let rest = markdown.slice(index + text.length)
    for (let found; (found = nextTitle.exec(rest)); rest = rest.slice(found[0].length)) {
      const title = (found[1] ?? found[2]!).replaceAll('\\|', '|').replace(/\s+/g, ' ')
      if (title.startsWith('test/')) break
      titles.push(title)
    }
    return { path: path!, titles }
  })
}

/** Reads the titles of a file's tests and groups as patterns; undefined if there is no such file. */
function readTitles(path: string): RegExp[] | undefined {
  let source: string
  try {
    source = readFileSync(join(root, path), 'utf8')
  } catch {
    return undefined
  }
  return [...source.matchAll(testCall)].map(({ 3: title }) => toPattern(title!))
}

/** The values of a row: `${…}` in a template, `$name` and `%s` in a table of vitest. */
const value = /\$\{[^}]*\}|\$\w+(?:\.\w+)*|%[a-z]/

function toPattern(title: string): RegExp {
  const parts = title.replace(/\\(.)/g, '$1').split(value)
  return new RegExp(`^${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`)
}
