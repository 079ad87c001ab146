import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'
import { describe, expect, test } from 'vitest'
import { findEntry } from '../figures/measure-size.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  bin: Record<string, string>
  exports: Record<string, string | Record<string, string>>
  sideEffects: string[]
  files: string[]
}
const entries = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  (typeof target === 'string' ? [target] : Object.values(target)).map((file) => [subpath, file] as const),
)
/** Lists the packages that a built file imports, itself or through files of its own. */
const packagesOf = (file: string): string[] =>
  parseSync(file, readFileSync(file, 'utf8')).module.staticImports.flatMap(({ moduleRequest: { value } }) =>
    value.startsWith('.') ? packagesOf(join(dirname(file), value)) : value,
  )

describe('exports', () => {
  test.each(entries)('%s is the built file %s', (_subpath, file) => {
    expect(existsSync(join(root, file))).toBe(true)
    const [folder] = file.replace('./', '').split('/')
    expect(['package.json', ...manifest.files]).toContain(folder)
  })

  test('name types before code', () => {
    for (const [subpath, target] of entries.map(([name]) => [name, manifest.exports[name]!] as const)) {
      if (typeof target !== 'string') expect(Object.keys(target), subpath).toEqual(['types', 'default'])
    }
  })

  test('name files with side effects in "sideEffects"', () => {
    for (const subpath of [
      './callback',
      './callback.js',
      './logout.js',
      './element/define',
      './latchkey.global.js',
      './worker.js',
      './worker/start',
    ]) {
      expect(manifest.sideEffects).toContain(`./${findEntry(subpath).slice(root.length)}`)
    }
    for (const entry of ['index', 'element']) expect(manifest.sideEffects).not.toContain(`./dist/${entry}.js`)
  })
})

describe('the built entries', () => {
  test('import only the two dependencies and their own files', () => {
    for (const entry of ['.', './dpop'])
      expect(new Set(packagesOf(findEntry(entry))), entry).toEqual(new Set(['oauth4webapi', 'idb-keyval']))
    for (const entry of ['./userinfo', './testing', './worker/start'])
      expect(new Set(packagesOf(findEntry(entry))), entry).toEqual(new Set(['oauth4webapi']))
    // The vault of the client sends its requests.
    for (const entry of [
      './exchange',
      './id-token',
      './idle',
      './initiated-login',
      './session-watch',
      './worker',
    ])
      expect(packagesOf(findEntry(entry)), entry).toEqual([])
    for (const framework of ['react', 'vue'])
      expect(new Set(packagesOf(findEntry(`./${framework}`)))).toEqual(new Set([framework]))
    expect(new Set(packagesOf(findEntry('./svelte')))).toEqual(new Set(['svelte', 'svelte/store']))
    expect(new Set(packagesOf(findEntry('./solid')))).toEqual(new Set(['solid-js']))
    expect(new Set(packagesOf(findEntry('./angular')))).toEqual(
      new Set(['@angular/core', '@angular/common', '@angular/common/http', '@angular/router', 'rxjs']),
    )
    expect(packagesOf(findEntry('./callback'))).toEqual([])
    for (const name of packagesOf(findEntry('./vite'))) expect(name).toMatch(/^node:/)
  })

  test('can be imported without a window', async () => {
    const built = (await import(findEntry('.'))) as typeof import('../../src/index.js')
    const client = built.createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
    expect(client.getState()).toEqual({ status: 'loading' })
    const { exchangeToken } = (await import(
      findEntry('./exchange')
    )) as typeof import('../../src/exchange.js')
    await expect(exchangeToken(client)).rejects.toMatchObject({ code: 'no_window' })
    const { getUserInfo } = (await import(findEntry('./userinfo'))) as typeof import('../../src/userinfo.js')
    await expect(getUserInfo(client)).rejects.toMatchObject({ code: 'no_window' })
    const { getIdToken } = (await import(findEntry('./id-token'))) as typeof import('../../src/id-token.js')
    await expect(getIdToken(client)).rejects.toMatchObject({ code: 'no_window' })
    const element = (await import(findEntry('./element'))) as typeof import('../../src/element.js')
    const defined = (await import(findEntry('./element/define'))) as typeof element
    expect(defined.LoginButton).toBe(element.LoginButton)
    client.close()
  })
})

describe('the command', () => {
  const file = manifest.bin['latchkey']!

  test('is a Node script among the published files', () => {
    expect(manifest.files).toContain(file.split('/')[0])
    expect(readFileSync(join(root, file), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    expect(manifest.sideEffects).toContain(`./${file}`)
  })

  test('needs only Node and oauth4webapi', () => {
    const packages = packagesOf(join(root, file)).filter((name) => !name.startsWith('node:'))
    expect(new Set(packages)).toEqual(new Set(['oauth4webapi']))
  })
})

describe('the file for a script tag', () => {
  test('is one classic script that imports nothing and defines one global', () => {
    const code = readFileSync(findEntry('./latchkey.global.js'), 'utf8')
    const { program, module, errors } = parseSync('latchkey.global.js', code, { sourceType: 'script' })
    expect(errors).toEqual([])
    expect(module).toMatchObject({ staticImports: [], staticExports: [], dynamicImports: [] })
    expect(program.body).toMatchObject([
      { type: 'VariableDeclaration', declarations: [{ id: { name: 'Latchkey' } }] },
    ])
    expect(manifest).toMatchObject({
      unpkg: './dist/latchkey.global.js',
      jsdelivr: './dist/latchkey.global.js',
    })
  })
})

describe('the file of a worker', () => {
  test('is one classic script that imports nothing and defines no global', () => {
    const code = readFileSync(findEntry('./worker.js'), 'utf8')
    const { program, module, errors } = parseSync('worker.js', code, { sourceType: 'script' })
    expect(errors).toEqual([])
    expect(module).toMatchObject({ staticImports: [], staticExports: [], dynamicImports: [] })
    expect(program.body).toMatchObject([{ type: 'ExpressionStatement' }])
  })
})

describe.each(['callback', 'logout'])('the %s page', (name) => {
  const html = () => readFileSync(findEntry(`./${name}.html`), 'utf8')

  test('has one classic script that imports nothing', () => {
    const { program, module, errors } = parseSync(
      `${name}.js`,
      readFileSync(findEntry(`./${name}.js`), 'utf8'),
      { sourceType: 'script' },
    )
    expect(errors).toEqual([])
    expect(module).toMatchObject({ staticImports: [], staticExports: [], dynamicImports: [] })
    expect(program.body.length).toBeGreaterThan(0)
    expect(html().match(/<script[^>]*>/g)).toEqual([`<script src="${name}.js">`])
  })

  test('disables the referrer before anything else', () => {
    expect(/<(?!!doctype|html)(\w+)[^>]*>/.exec(html())?.[0]).toBe(
      '<meta name="referrer" content="no-referrer" />',
    )
  })

  test('has no inline script, style or handler, so that a strict CSP allows it', () => {
    expect(html()).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:/)
  })
})
