/** Calls its listeners with each value; one that throws does not keep the value from the others. */
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
          // The app's own mistake: shown by the browser as one.
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
