import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkDependencies, checkSourceFile, findCycles, findEngineInStart } from './check-architecture.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))

describe('the source code', () => {
  test('has files in every layer', () => {
    for (const layer of [
      'base',
      'api',
      'protocol',
      'browser',
      'vault',
      'session',
      'fetch',
      'login',
      'add-ons',
    ]) {
      expect(
        files.some((path) => path.startsWith(`${layer}/`)),
        layer,
      ).toBe(true)
    }
    expect(files).toEqual(expect.arrayContaining(['index.ts', 'client.ts', 'config.ts', 'callback.ts']))
  })

  test.each(files)('%s follows the rules', (path) => {
    expect(checkSourceFile(path, readFileSync(join(root, 'src', path), 'utf8'))).toEqual([])
  })

  test('has no import cycles, type imports included', () => {
    const read = (path: string) => readFileSync(join(root, 'src', path), 'utf8')
    expect(findCycles(Object.fromEntries(files.map((path) => [path, read(path)])))).toEqual([])
  })

  test('loads no part of the engine in the start of latchkey/lazy', () => {
    const read = (path: string) => readFileSync(join(root, 'src', path), 'utf8')
    const sources = Object.fromEntries(files.map((path) => [path, read(path)]))
    expect(findEngineInStart(sources, 'lazy.ts')).toEqual([])
    // The control: the client in one piece has all of it.
    expect(findEngineInStart(sources, 'index.ts')).toEqual(
      expect.arrayContaining([expect.stringMatching(/engine\.ts$/), expect.stringMatching(/oauth4webapi$/)]),
    )
  })

  test('depends only on oauth4webapi and idb-keyval', () => {
    expect(checkDependencies(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as object)).toEqual(
      [],
    )
  })
})

/** A file that breaks a rule, and a word of what is said about it. */
const bad: [rule: string, path: string, source: string, said: string][] = [
  ['base imports from no other room', 'base/a.ts', `import { b } from '../browser/b.js'`, 'no arrow'],
  ['protocol does not import browser', 'protocol/a.ts', `import { b } from '../browser/b.js'`, 'no arrow'],
  ['browser does not import protocol', 'browser/a.ts', `import { b } from '../protocol/b.js'`, 'no arrow'],
  ['browser does not import vault', 'browser/a.ts', `import { b } from '../vault/b.js'`, 'no arrow'],
  ['vault does not import session', 'vault/a.ts', `import { b } from '../session/b.js'`, 'no arrow'],
  ['session does not import the client', 'session/a.ts', `import { b } from '../client.js'`, 'no arrow'],
  ['config does not import the client', 'config.ts', `import { b } from './client.js'`, 'no arrow'],
  ['client does not import index', 'client.ts', `import { b } from './index.js'`, 'no arrow'],
  ['callback imports only hand-over', 'callback.ts', `import { b } from './browser/popup.js'`, 'no arrow'],
  ['an add-on does not import the client', 'add-ons/a.ts', `import { b } from '../client.js'`, 'no arrow'],
  [
    'the core does not import an add-on',
    'session/a.ts',
    `import { b } from '../add-ons/dpop/b.js'`,
    'no arrow',
  ],
  ['its types neither', 'client.ts', `import type { B } from './add-ons/dpop/b.js'`, 'no arrow'],
  ['an arrow of types is one', 'vault/a.ts', `import type { B } from '../session/b.js'`, 'no arrow'],
  ['a re-export is an import', 'protocol/a.ts', `export { b } from '../vault/b.js'`, 'no arrow'],
  ['a re-export of all is one', 'protocol/a.ts', `export * from '../vault/b.js'`, 'no arrow'],
  ['a late import is one', 'protocol/a.ts', `export const b = () => import('../vault/b.js')`, 'no arrow'],
  ['a type as an import is one', 'base/a.ts', `export type B = import('../vault/b.js').B`, 'no arrow'],
  ['nothing is imported from outside src', 'base/a.ts', `import { b } from '../../demo/b.js'`, 'no arrow'],
  ['a file outside the layers has no place', 'widgets/a.ts', `export const b = 1`, 'no place'],

  [
    'session does not call oauth4webapi',
    'session/a.ts',
    `import { None } from 'oauth4webapi'`,
    'for "protocol" and "add-ons" alone',
  ],
  [
    'browser knows no OAuth types',
    'browser/a.ts',
    `import type { Client } from 'oauth4webapi'`,
    'for "protocol" and "add-ons" alone',
  ],
  ['vault does not call idb-keyval', 'vault/a.ts', `import { get } from 'idb-keyval'`, 'for "browser" alone'],
  [
    'a type beside a value is a value',
    'vault/a.ts',
    `import { type A, None } from 'oauth4webapi'`,
    'for "protocol" and "add-ons" alone',
  ],
  [
    'no third dependency',
    'protocol/a.ts',
    `import { jwtVerify } from 'jose'`,
    'only oauth4webapi, idb-keyval',
  ],
  ['nothing of Node', 'base/a.ts', `import { join } from 'node:path'`, 'only oauth4webapi, idb-keyval'],
  ['no global of Node', 'session/a.ts', `export const b = () => process.env`, 'global "process"'],
  ['a binding sees what an app sees', 'react.ts', `import { b } from './session/b.js'`, 'no arrow'],
  ['no framework in the core', 'session/a.ts', `import { useState } from 'react'`, 'for "react.ts" alone'],
  ['not even its types', 'element/a.ts', `import type { Ref } from 'vue'`, 'for "vue.ts" alone'],

  [
    'protocol uses no document',
    'protocol/a.ts',
    `export const b = () => document.title`,
    'global "document"',
  ],
  [
    'protocol uses no timer',
    'protocol/a.ts',
    `export const b = (c: () => void) => setTimeout(c)`,
    'global "setTimeout"',
  ],
  [
    'protocol uses no storage',
    'protocol/a.ts',
    `export const b = { c: localStorage }`,
    'global "localStorage"',
  ],
  [
    'protocol is given its fetch',
    'protocol/a.ts',
    `export const b = (fetcher = fetch) => fetcher('/')`,
    'global "fetch"',
  ],
  [
    'globalThis is no way around',
    'protocol/a.ts',
    `export const b = globalThis.location?.origin`,
    'globalThis.location',
  ],
  ['neither is a string', 'protocol/a.ts', `export const b = globalThis['document']`, 'globalThis.document'],
  ['base uses no page', 'base/a.ts', `export const b = () => (window as Window).name`, 'global "window"'],

  ['no file over 300 lines', 'base/a.ts', 'export const b = [\n' + '1,\n'.repeat(299) + ']\n', '301 lines'],
  ['names in kebab-case', 'base/userInfo.ts', `export const b = 1`, 'kebab-case'],
  ['folders in kebab-case', 'session/logIn/a.ts', `export const b = 1`, 'kebab-case'],
  ['no utils', 'base/utils.ts', `export const b = 1`, 'says nothing'],
  ['no helpers', 'session/helpers/a.ts', `export const b = 1`, 'says nothing'],
  ['no manager', 'session/token-manager.ts', `export const b = 1`, 'says nothing'],
  ['no index below the root', 'session/index.ts', `export const b = 1`, 'index.ts below'],

  ['no default export', 'base/a.ts', `export default 1`, 'default export'],
  ['no enum', 'base/a.ts', `export enum B { C }`, 'enum'],
  ['no namespace', 'base/a.ts', `export namespace B { export const c = 1 }`, 'namespace'],
  ['no module-level let', 'base/a.ts', `let b = 1\nexport const c = () => b++`, '"let" at module level'],
  ['no exported let', 'base/a.ts', `export let b = 1`, '"let" at module level'],
  ['no module-level var', 'base/a.ts', `var b = 1\nexport const c = () => b++`, '"var" at module level'],
  [
    'no module-level cache',
    'base/a.ts',
    `const b = new Map<string, string>()\nexport const c = () => b`,
    'empty collection',
  ],
  ['no class of our own', 'base/a.ts', `export class Store {}`, 'class'],
]

const good: [what: string, path: string, source: string][] = [
  [
    'arrows that go down',
    'session/a.ts',
    `import { b } from '../vault/b.js'\nimport { c } from './c.js'\nexport const d = [b, c]`,
  ],
  [
    'the types of oauth4webapi',
    'session/a.ts',
    `import type { JWKS } from 'oauth4webapi'\nexport type B = JWKS`,
  ],
  [
    'inline types of oauth4webapi',
    'session/a.ts',
    `import { type JWKS } from 'oauth4webapi'\nexport type B = JWKS`,
  ],
  ['oauth4webapi in protocol', 'protocol/a.ts', `export { None } from 'oauth4webapi'`],
  ['a parameter named like a global', 'protocol/a.ts', `export const b = (location: URL) => location.href`],
  [
    'a property named like a global',
    'protocol/a.ts',
    `export const b = (c: { open: boolean }) => ({ close: c.open })`,
  ],
  ['the type of a global', 'protocol/a.ts', `export type B = typeof fetch`],
  ['timers in base', 'base/a.ts', `export const b = (c: () => void) => setTimeout(c)`],
  [
    'Node beside the browser',
    'vite.ts',
    `import { join } from 'node:path'\nexport const b = [join, process]`,
  ],
  ['React in its binding', 'react.ts', `import { useState } from 'react'\nexport const b = useState`],
  ['the page in browser', 'browser/a.ts', `export const b = () => document.title`],
  ['a let inside a function', 'base/a.ts', `export function b() { let c = 0; return () => c++ }`],
  ['an error class', 'base/a.ts', `export class B extends Error {}`],
  ['300 lines', 'base/a.ts', 'export const b = [\n' + '1,\n'.repeat(298) + ']\n'],
]

describe('the check', () => {
  test.each(bad)('finds: %s', (_rule, path, source, said) => {
    const problems = checkSourceFile(path, source)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(said)
  })

  test.each(good)('allows %s', (_what, path, source) => {
    expect(checkSourceFile(path, source)).toEqual([])
  })

  test('finds an import cycle of values and one of types, once each', () => {
    const cycles = findCycles({
      'base/a.ts': `import { b } from './b.js'`,
      'base/b.ts': `export { c } from '../api/c.js'`,
      'api/c.ts': `import type { A } from '../base/a.js'`,
      'api/d.ts': `import { a } from '../base/a.js'`,
    })
    expect(cycles).toEqual(['api/c.ts → base/a.ts → base/b.ts'])
  })

  test('finds an extra dependency, a missing one, and a framework that is not optional', () => {
    const dependencies = { oauth4webapi: '1', jose: '1' }
    expect(checkDependencies({ dependencies })).toEqual([
      'package.json: "jose" is one dependency too many',
      'package.json: "idb-keyval" is missing',
    ])
    expect(
      checkDependencies({
        dependencies: { oauth4webapi: '1', 'idb-keyval': '1' },
        peerDependencies: { react: '1', preact: '1', vue: '1' },
        peerDependenciesMeta: { vue: { optional: true } },
      }),
    ).toEqual(['package.json: "preact" is one dependency too many', 'package.json: "react" is not optional'])
  })
})
