// Installs and builds what is missing, and runs the soak (main.ts).

import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { ensureDependencies, runNpm } from '../../demo/install.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

try {
  ensureDependencies()
  const { ensureBrowsers } = await import('../rig/browsers.mjs')
  await ensureBrowsers()
  if (!process.argv.includes('--no-build')) runNpm('run', 'build')
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

const parameters = ['--import', 'tsx', 'test/soak/main.ts', ...process.argv.slice(2)]
const soak = spawn(process.execPath, parameters, { cwd: root, stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => soak.kill(signal))
soak.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
