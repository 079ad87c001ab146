import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import {
  buildExampleFiles,
  checkExamples,
  compileVue,
  findDocExamples,
  findMarkdownExamples,
} from './doc-examples.js'
import {
  checkDocs,
  findUnnamedCodes,
  findWords,
  isNamed,
  otherWords,
  readCodeTable,
  withoutSpec,
} from './doc-rules.js'
import { openProgram, virtualFolder } from './open-program.js'
import { readPublicDocs } from './public-docs.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const list = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path).replaceAll('\\', '/'))

const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, { types?: string }> }
const entries = Object.values(exports).flatMap(({ types }) =>
  types ? types.replace('./dist/', 'src/').replace('.d.ts', '.ts') : [],
)
const documents = [...readdirSync(root).filter((path) => path.endsWith('.md')), ...list('docs', '.md')]
const examples = [
  ...list('src', '.ts').flatMap((path) => findDocExamples(path, read(path))),
  ...documents.flatMap((path) => findMarkdownExamples(path, read(path))),
  // `tsc` itself looks at none of these.
  ...list('demo', '.vue').map((at) => ({ at, code: compileVue(read(at)) })),
]
const table = readCodeTable(read('src/base/errors.ts'))
const codes = table.map(({ code }) => code)

/** One right example, and wrong ones with what is said about them. */
const controls: [what: string, code: string, said: string | undefined][] = [
  ['a right example', `await auth.login({ prompt: 'login' })`, undefined],
  ['a wrong name of an option', `await auth.login({ promt: 'login' })`, "'promt' does not exist"],
  ['a wrong value', `await auth.login({ mode: 'pop-up' })`, '"pop-up"'],
  ['a name that nobody made', `await client.login()`, "Cannot find name 'client'"],
  ['an import that does not exist', `import { logIn } from 'latchkey'`, "no exported member 'logIn'"],
  ['what is no code at all', `await auth.login(`, 'expected'],
  ['a right component of Vue', vueExample('logged-in'), undefined],
  ['a wrong template of Vue', vueExample('logged-on'), '\'"logged-on"\' have no overlap'],
]
const controlExamples = controls.map(([at, code]) => ({ at, code }))

function vueExample(status: string): string {
  return compileVue(`
<script setup lang="ts">
import { useAuth } from 'latchkey/vue'
const { status } = useAuth()
</script>
<template><p v-if="status === '${status}'">Hello</p></template>`)
}

/** An entry point whose docs break the rules. */
const undocumented = `
export interface BadOptions {
  bare?: string
  /** Is sent as it is, and refused with \`popup_closd\`. @see section 3 */
  vague?: BadPart[]
  /**
   * Is sent as \`prompt\`.
   *
   * @example
   * await auth.login({ prompt: 'login' })
   * @see OpenID Connect Core section 3.1.2.1
   */
  good?: string
  hook?(): void
}
export interface BadPart {
  deep: number
}
/** Call this. */
export function useBad(options: Partial<BadOptions>): void {
  void options
}
export const useBadToo = (options: { inline?: number }): void => useBad(options as object)
`

// All in one program: opening one takes the time, not what is asked of it.
const all = [...examples, ...controlExamples]
const program = openProgram(root, entries, { ...buildExampleFiles(all), 'undocumented.ts': undocumented })
afterAll(() => program.close())
const docs = readPublicDocs(program, entries)
const wrongExamples = checkExamples(program, all)

describe('the docs of the public API', () => {
  test('follow the rules for calls, options and members', () => {
    expect(docs.flatMap((one) => checkDocs(one, codes))).toEqual([])
  })

  test('were found: every entry, the client, and every kind of options', () => {
    const roles = new Map(docs.map(({ name, role }) => [name, role]))
    expect(entries).toEqual(expect.arrayContaining(['src/index.ts', 'src/dpop.ts', 'src/exchange.ts']))
    for (const name of ['createClient', 'Client.login', 'Client.fetch', 'dpop', 'exchangeToken'])
      expect(roles.get(name), name).toBe('call')
    for (const name of [
      ...['ClientOptions.issuer', 'Api.url', 'Timeouts.popup', 'LoginOptions.prompt', 'TokenOptions.scope'],
      ...['LogoutOptions.local', 'ExchangeOptions.cache', 'ExchangeRequest.audience'],
      'indexedDBStore options.name',
    ])
      expect(roles.get(name), name).toBe('option')
    expect(roles.get('Store.get')).toBe('port')
    expect(roles.get('TokenSet.accessToken')).toBe('fact')
    expect(docs.length).toBeGreaterThan(150)
  })

  test('name each error code at a call or an option', () => {
    expect(codes.length).toBeGreaterThan(40)
    expect(new Set(codes).size).toBe(codes.length)
    expect(findUnnamedCodes(docs, codes)).toEqual([])
  })

  test('explain each error code', () => {
    expect(table.filter(({ text }) => !/^[A-Z`].*\.$/.test(text))).toEqual([])
  })

  test('need every exception to the rules', () => {
    const names = docs.map(({ name }) => name)
    const unneeded = Object.keys(withoutSpec).filter((one) => !names.some((name) => isNamed(name, one)))
    expect(unneeded).toEqual([])
    const words = docs.flatMap(({ text, tags }) => findWords([text, ...tags.map((tag) => tag.text)].join()))
    expect(otherWords.filter((word) => !words.includes(word) || codes.includes(word))).toEqual([])
  })
})

describe('the examples', () => {
  test('compile', () => {
    const isControl = (problem: string) => controls.some(([what]) => problem.startsWith(`${what}:`))
    expect(wrongExamples.filter((problem) => !isControl(problem))).toEqual([])
  })

  test('include one for each call and option, and those of the README', () => {
    const wanted = docs.filter(({ role }) => role === 'call' || role === 'option').length
    expect(examples.filter(({ at }) => at.startsWith('src/')).length).toBeGreaterThanOrEqual(wanted)
    // By their lines: of counts, one too many could hide one too few.
    const fences = read('README.md')
      .split('\n')
      .flatMap((line, at) => (/^```(ts|tsx|js|vue)$/.test(line) ? `README.md:${at + 1}` : []))
    expect(fences.length).toBeGreaterThan(2)
    const places = examples.map(({ at }) => at)
    expect(places.filter((at) => at.startsWith('README.md'))).toEqual(fences)
    expect(places).toContain('demo/vue/src/App.vue')
  })

  test('of the script tag, which has no types, uses existing names', () => {
    const main = read('demo/script-tag/main.js')
    const latchkey = `declare const Latchkey: typeof import('../src/global.js')`
    const options = {
      ...{ allowJs: true, checkJs: true, noImplicitAny: false },
      ...{ strictNullChecks: false, exactOptionalPropertyTypes: false },
    }
    const check = (code: string) => {
      const opened = openProgram(root, [], { 'latchkey.d.ts': latchkey, 'main.js': code }, options)
      const wrong = opened.program.getSemanticDiagnostics(join(root, virtualFolder, 'main.js'))
      opened.close()
      return wrong.map(({ text }) => text)
    }
    expect(check(main)).toEqual([])
    const wrong = main.replace('.fetch(', '.fech(').replace('detail.status', 'detail.stats')
    expect(check(wrong)).toEqual([
      expect.stringContaining("'stats' does not exist"),
      expect.stringContaining("'fech' does not exist"),
    ])
  })
})

describe('the check', () => {
  test.each(controls)('of examples: %s', (what, _code, said) => {
    const [problem] = wrongExamples.filter((one) => one.startsWith(`${what}:`))
    if (said) expect(problem).toContain(said)
    else expect(problem).toBeUndefined()
  })

  test('of docs names the member and what is missing', () => {
    const found = readPublicDocs(program, [`${virtualFolder}/undocumented.ts`])
    const problems = found.flatMap((one) => checkDocs(one, codes))
    for (const said of [
      'BadOptions.bare (.virtual/undocumented.ts) has no JSDoc that starts with a sentence',
      'BadOptions.bare (.virtual/undocumented.ts) has 0 @example',
      'BadOptions.bare (.virtual/undocumented.ts) names no specification',
      'BadOptions.vague (.virtual/undocumented.ts) names `popup_closd`',
      'BadOptions.vague (.virtual/undocumented.ts) has a @see that is no "RFC 9126 section 2": "section 3"',
      'BadOptions.hook (.virtual/undocumented.ts) has 0 @example',
      'useBadToo (.virtual/undocumented.ts) has 0 @example',
      'useBadToo options.inline (.virtual/undocumented.ts) has 0 @example',
      'BadPart.deep (.virtual/undocumented.ts) has no JSDoc',
      'useBad (.virtual/undocumented.ts) does not start in the third person',
    ])
      expect(problems).toContainEqual(expect.stringContaining(said))
    expect(problems.filter((problem) => problem.startsWith('BadOptions.good'))).toEqual([])
  })

  test('of codes finds one that is never mentioned, and one without a description', () => {
    expect(findUnnamedCodes(docs, ['popup_closed', 'popup_forgotten'])).toEqual(['popup_forgotten'])
    expect(
      readCodeTable("export type AuthErrorCode =\n  /** Said. */\n  | 'one'\n  | 'two_words'\n\n"),
    ).toEqual([
      { code: 'one', text: 'Said.' },
      { code: 'two_words', text: '' },
    ])
  })
})
