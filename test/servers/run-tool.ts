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
export function findMissing(command: string, args: string[], wanted?: string): string | undefined {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (error || status !== 0) return `${command} is not installed`
  if (wanted === undefined) return undefined
  const found = /\d+(?:\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? '0'
  return compareVersions(found, wanted) >= 0 ? undefined : `${command} ${wanted} or later is not installed`
}

/** Compares versions such as `1.9` and `1.24` part by part; the result is negative if the first is the older one. */
function compareVersions(first: string, second: string): number {
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [first, second].map((version) =>
    version.split('.').map(Number),
  ) as [number[], number[]]
  return major - otherMajor || minor - otherMinor
}
