import { spawnSync } from 'node:child_process'
import { lstatSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Installs the locked dependencies if they are missing or older than the lock file. Needs only Node.js and npm. */
export function ensureDependencies() {
  // npm ci would empty the folder that the link points to, which belongs to another checkout.
  if (lstatSync(fromRoot('node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) return
  // npm writes this file last, so it also reveals an interrupted installation.
  const installed = modifiedAt('node_modules/.package-lock.json')
  if (installed >= modifiedAt('package-lock.json')) return
  console.log('Installing dependencies (npm ci)')
  runNpm('ci', '--no-audit', '--no-fund')
}

/** Runs npm in the repository's root and shows its output; throws if it fails. */
export function runNpm(...args) {
  // On Windows, npm is a script, which needs a shell to run.
  const { status, error } = spawnSync('npm', args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (error) throw error
  if (status !== 0) throw new Error(`npm ${args.join(' ')} exited with ${status}`)
}

function modifiedAt(path) {
  return statSync(fromRoot(path), { throwIfNoEntry: false })?.mtimeMs ?? -Infinity
}

function fromRoot(path) {
  return new URL(`../${path}`, import.meta.url)
}
