import { spawnSync } from 'node:child_process'

/** Runs a tool to its end; throws with its last words if it fails. */
export function runTool(command: string, args: string[], options: { cwd?: string } = {}): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} exited with ${status}\n${`${stdout}${stderr}`.slice(-2000)}`)
}

/**
 * Says what is missing for a tool of at least a version; undefined if it is there.
 *
 * @param args what makes it print its version
 */
export function findMissing(command: string, args: string[], wanted?: number): string | undefined {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (error || status !== 0) return `${command} is not installed`
  if (wanted === undefined) return undefined
  const found = Number(/(\d+(?:\.\d+)?)/.exec(`${stdout}${stderr}`)?.[1])
  return found >= wanted ? undefined : `${command} ${wanted} or later is not installed`
}
