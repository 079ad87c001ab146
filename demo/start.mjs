import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ensureDependencies, runNpm } from './install.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** When the newest file below the paths was written, in milliseconds since 1970; 0 when there is none. */
function newest(...paths) {
  const times = paths.flatMap((path) => {
    const stats = statSync(`${root}/${path}`, { throwIfNoEntry: false })
    if (!stats) return []
    return stats.isDirectory()
      ? readdirSync(`${root}/${path}`).map((name) => newest(`${path}/${name}`))
      : [stats.mtimeMs]
  })
  return Math.max(0, ...times)
}

/** When the older of the two things that the demo serves from `dist` was built; 0 when one is missing. */
function builtAt() {
  return Math.min(newest('dist/index.js'), newest('dist/page/callback.js'))
}

try {
  ensureDependencies()
  if (builtAt() < newest('src', 'vite.config.ts', 'tsconfig.json', 'tsconfig.build.json'))
    runNpm('run', 'build')
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

const demo = spawn(process.execPath, ['--import', 'tsx', 'demo/main.ts'], { cwd: root, stdio: 'inherit' })
// Ctrl+C reaches the demo by itself, the terminal sends it to both; a signal from elsewhere comes only here.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => demo.kill(signal))
demo.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
