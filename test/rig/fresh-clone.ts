import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a program that is only pretended does when it is called so: it makes files, if those that it needs are there, else fails. */
export interface Effect {
  makes?: string[]
  needs?: string
}

/** A folder with some files of the repository, and a PATH where nothing is but programs that write down how they were called. */
export interface FreshClone {
  folder: string
  /** Makes a file, in a folder that is made as well, at a moment: seconds from now. */
  write(path: string, text?: string, age?: number): void
  /** Runs a module's text in the folder; gives what went wrong, and the calls of the programs in their order. */
  run(module: string, effects?: Record<string, Effect>, env?: Record<string, string>): { calls: string[]; errors: string } // prettier-ignore
  remove(): void
}

/** Makes a clone of so much of the repository, with programs of these names on its PATH. */
export function makeFreshClone(files: string[], programs: string[]): FreshClone {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-clone-'))
  const inFolder = (path: string) => join(folder, path)
  const write = (path: string, text = '', age = 0) => {
    mkdirSync(dirname(inFolder(path)), { recursive: true })
    writeFileSync(inFolder(path), text, { mode: 0o755 })
    const time = Date.now() / 1000 - age
    utimesSync(inFolder(path), time, time)
  }
  for (const file of files) {
    mkdirSync(dirname(inFolder(file)), { recursive: true })
    copyFileSync(join(root, file), inFolder(file))
  }
  for (const program of programs) write(`bin/${program}`, pretend)
  return {
    folder,
    write,
    run(module, effects = {}, env = {}) {
      const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', module], {
        cwd: folder,
        env: { PATH: inFolder('bin'), EFFECTS: JSON.stringify(effects), ...env },
        encoding: 'utf8',
      })
      const log = inFolder('calls')
      const calls = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
      rmSync(log, { force: true })
      return { calls, errors: stderr }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The script of all pretended programs. */
const pretend = `#!${process.execPath}
const { appendFileSync, existsSync, mkdirSync, writeFileSync } = require('node:fs')
const { basename, dirname } = require('node:path')
const [, program, ...parameters] = process.argv
const call = [basename(program), ...parameters].join(' ')
appendFileSync('calls', call + '\\n')
const effect = JSON.parse(process.env.EFFECTS)[call]
if (!effect || (effect.needs && !existsSync(effect.needs))) process.exit(1)
for (const file of effect.makes ?? []) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '', { mode: 0o755 })
}
`
