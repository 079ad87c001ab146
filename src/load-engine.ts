import { AuthError } from './base/errors.js'
import { share } from './base/once.js'
import type { createEngine, Engine, EngineParts } from './engine.js'

/** The module of the engine. */
interface EngineModule {
  createEngine: typeof createEngine
}

/** The engine itself, or a function that loads its file. */
export type EngineSource = EngineModule | (() => Promise<EngineModule>)

/** The engine of one client, which may not be loaded yet. */
export interface EngineLoader {
  /** Returns the engine if it is loaded. */
  get(): Engine | undefined
  /** Loads the engine. Rejects with `code_not_loaded`. */
  load(): Promise<Engine>
  /** Runs work with the engine, synchronously if it is loaded. */
  use<T>(work: (engine: Engine) => Promise<T>): Promise<T>
  /** Loads the engine before it is needed, `now` or when the page is idle: a later deploy could replace its file. Ignores failures. */
  preload(now: boolean): void
}

/** Creates the engine loader of one client. */
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
    preload(now) {
      if (engine) return
      const start = () => void load().catch(() => {})
      if (now) start()
      // Safari has no idle callbacks.
      else (globalThis.requestIdleCallback ?? setTimeout)(start)
    },
  }
}

async function importFile(source: () => Promise<EngineModule>): Promise<EngineModule> {
  try {
    return await source()
  } catch {
    // A deploy may have replaced the file, or the server answered with a page. Firefox before 155 never requests it again.
    throw new AuthError(
      'code_not_loaded',
      'a script file of the app could not be loaded: try again, or reload the page',
    )
  }
}
