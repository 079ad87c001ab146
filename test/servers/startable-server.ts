/** A server that this repository can fetch, configure and start. */
export interface StartableServer {
  /** Its name on the command line, and of its folder here. */
  name: string
  /** Its name for readers. */
  title: string
  version: string
  /** Names a tool that this machine lacks, or returns undefined. */
  missing(): string | undefined
  /** Fetches and builds it in its cache folder; returns at once what is there already. */
  prepare(folder: string): void
  /** Its processes, each started when the one before is ready. */
  processes(folder: string): ServerProcess[]
  /** Registers what cannot stand in a file. Runs again without harm. */
  configure?(): Promise<void>
}

/** A process of a server. */
export interface ServerProcess {
  command: string
  args: string[]
  cwd?: string
  env?: Record<string, string>
  /** A URL that answers with success when the process is ready. */
  readyAt: string
}
