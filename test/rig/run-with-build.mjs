import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { ensureDependencies, runNpm } from '../../demo/install.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs a script of the repository with the arguments of this process, after installing and building what is missing. With
 * `--no-build`, it runs with what is in dist. Ends this process with the exit code of the script.
 *
 * @param {string} script
 */
export async function runWithBuild(script) {
  try {
    ensureDependencies()
    // Needs what was just installed.
    const { ensureBrowsers } = await import('./browsers.mjs')
    await ensureBrowsers()
    if (!process.argv.includes('--no-build')) runNpm('run', 'build')
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
