import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// The line of our package.json, with a program in the demo's place that needs no port.
const manifest = new URL('../../package.json', import.meta.url)
const { start } = (JSON.parse(readFileSync(manifest, 'utf8')) as { scripts: { start: string } }).scripts
const folder = mkdtempSync(join(tmpdir(), 'latchkey-start-'))
beforeAll(() => {
  mkdirSync(join(folder, 'demo'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { start } }))
  writeFileSync(
    join(folder, 'demo/start.mjs'),
    `for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
    setInterval(() => {}, 1000)
    console.log('started', process.pid, process.argv.slice(2).join('|'))`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(process.platform === 'win32')('npm start', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'passes its arguments on, and stops everything it has started at a %s',
    async (signal) => {
      const npm = spawn('npm', ['start', '--', '--scope', 'openid profile'], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let output = ''
      const started = new Promise<RegExpExecArray>((resolve) =>
        npm.stdout.on('data', (chunk) => {
          output += String(chunk)
          const found = /started (\d+) (.*)\n/.exec(output)
          if (found) resolve(found)
        }),
      )
      const [, pidText, args] = await started
      expect(args).toBe('--scope|openid profile')
      const pid = Number(pidText)
      const isRunning = () => process.kill(pid, 0)
      expect(isRunning()).toBe(true)
      npm.kill(signal)
      // Closed when all who could write to it are gone.
      await once(npm.stdout, 'close')
      expect(isRunning).toThrow('ESRCH')
    },
    30_000,
  )
})
