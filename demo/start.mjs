import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArguments, usage } from './arguments.mjs'
import { ensureDependencies, runNpm } from './install.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The modification time of the newest file under the paths, in milliseconds since 1970; 0 if there is none. */
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

/** The build time of the older of the two files that the demo serves from `dist`; 0 if one is missing. */
function builtAt() {
  return Math.min(newest('dist/index.js'), newest('dist/page/callback.js'))
}

const args = process.argv.slice(2)
// Before anything is installed or built.
const command = parseArguments(args)
if (command.kind === 'help') {
  console.log(usage)
  process.exit(0)
}
if (command.kind === 'wrong') {
  console.error(`npm start: ${command.problem}\n\n${usage}`)
  process.exit(2)
}

try {
  ensureDependencies()
  if (builtAt() < newest('src', 'vite.config.ts', 'tsconfig.json', 'tsconfig.build.json'))
    runNpm('run', 'build')
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

const demo = spawn(process.execPath, ['--import', 'tsx', 'demo/main.ts', ...args], {
  cwd: root,
  stdio: 'inherit',
})
// The terminal sends Ctrl+C to both processes; a signal from elsewhere reaches only this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => demo.kill(signal))
demo.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
