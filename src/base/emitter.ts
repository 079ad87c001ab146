/** Calls its listeners with each value. If a listener throws, the others are called nevertheless. */
export interface Emitter<T> {
  emit(value: T): void
  subscribe(listener: (value: T) => void): () => void
}

/** Creates an emitter without listeners. */
export function createEmitter<T>(): Emitter<T> {
  const listeners = new Set<[(value: T) => void]>()
  return {
    emit(value) {
      for (const [listener] of [...listeners])
        try {
          listener(value)
        } catch (error) {
          // A bug in the app: the browser reports it like any other uncaught error.
          reportError(error)
        }
    },
    subscribe(listener) {
      const entry: [typeof listener] = [listener]
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
  }
}
