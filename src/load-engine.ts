import { AuthError } from './base/errors.js'
import { share } from './base/once.js'
import type { createEngine, Engine, EngineParts } from './engine.js'

/** The file of the engine. */
interface EngineModule {
  createEngine: typeof createEngine
}

/** The engine as a client is handed it: itself, or what loads its file. */
export type EngineSource = EngineModule | (() => Promise<EngineModule>)

/** The engine of one client, there or still to be loaded. */
export interface EngineLoader {
  /** Gets the engine if it is there. */
  get(): Engine | undefined
  /** Loads it. Rejects with `code_not_loaded`. */
  load(): Promise<Engine>
  /** Runs work with it, at once where it is there. */
  use<T>(work: (engine: Engine) => Promise<T>): Promise<T>
  /** Loads it when the page has nothing else to do: later a deploy could have replaced its file. A failure is none yet. */
  loadWhenIdle(): void
}

/** Creates what gives a client its engine. */
export function createEngineLoader(source: EngineSource, parts: EngineParts): EngineLoader {
  let engine = 'createEngine' in source ? source.createEngine(parts) : undefined
  const load = share(async () => {
    if (engine) return engine
    const file = await importFile(source as () => Promise<EngineModule>)
    return (engine = file.createEngine(parts))
  })
  return {
    get: () => engine,
    load,
    use: async (work) => work(engine ?? (await load())),
    loadWhenIdle() {
      // Safari has no idle callbacks.
      if (!engine) (globalThis.requestIdleCallback ?? setTimeout)(() => void load().catch(() => {}))
    },
  }
}

async function importFile(source: () => Promise<EngineModule>): Promise<EngineModule> {
  try {
    return await source()
  } catch {
    // A server may have replaced it, or answered with a page. Firefox before 155 does not ask for a file again that failed once.
    throw new AuthError(
      'code_not_loaded',
      'a script file of this app could not be loaded: check the connection and try again, or reload the page',
    )
  }
}
