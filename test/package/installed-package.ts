import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The package as its users get it: packed, and installed in a folder that was empty. */
export interface InstalledPackage {
  /** The folder of the app that has it. */
  app: string
  /** The tarball. */
  tarball: string
  /** The paths in the tarball. */
  files: string[]
  /** Runs a program in the app's folder; throws with all that it printed when it fails, else returns it. */
  run(command: string, ...parameters: string[]): string
  /** Writes a file of the app. */
  write(path: string, text: string): string
  remove(): void
}

/** Packs what is built, and installs it with npm in an empty folder outside of this one. */
export function installPackage(): InstalledPackage {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-package-'))
  const app = join(folder, 'app')
  mkdirSync(app)
  const run = (command: string, ...parameters: string[]) => runIn(app, command, ...parameters)
  const write = (path: string, text: string) => {
    mkdirSync(join(app, path, '..'), { recursive: true })
    writeFileSync(join(app, path), text)
    return join(app, path)
  }
  const { tarball, files } = packPackage(folder)
  write('package.json', JSON.stringify({ name: 'app', private: true, type: 'module' }))
  run('npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', tarball)
  return {
    app,
    tarball,
    files,
    run,
    write,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Packs what is built into a folder; says where the tarball is, and what is in it. */
export function packPackage(folder: string): { tarball: string; files: string[] } {
  const [packed] = JSON.parse(
    runIn(root, 'npm', 'pack', '--json', '--loglevel=error', '--pack-destination', folder),
  ) as { filename: string; files: { path: string }[] }[]
  const { filename, files } = packed!
  return { tarball: join(folder, filename), files: files.map(({ path }) => path) }
}

/** The subpaths that the package exports, with what stands behind them. */
export function readExports(): Record<string, string | { types: string; default: string }> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string; default: string }>
  }
  return manifest.exports
}

/** The names under which an app imports the modules of the package, in the order of `exports`. */
export function listModules(): string[] {
  return Object.entries(readExports()).flatMap(([subpath, target]) =>
    typeof target === 'string' ? [] : [subpath.replace('.', 'latchkey')],
  )
}

/** Runs a program in a folder; throws with all that it printed when it fails, else returns it. */
export function runIn(folder: string, command: string, ...parameters: string[]): string {
  // As from a terminal: a build of Vite's leaves `production` behind, with which npm leaves the development tools out.
  const { NODE_ENV: _, ...env } = process.env
  const { status, stdout, stderr, error } = spawnSync(command, parameters, {
    cwd: folder,
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (error) throw error
  if (status !== 0)
    throw new Error(`${command} ${parameters.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}
