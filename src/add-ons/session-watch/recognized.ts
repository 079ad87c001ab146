/** Followed by the issuer and the client ID. */
const prefix = 'latchkey watched '

/**
 * Remembers the session that the server has recognized in a frame of this browser, by the time of its login. A browser that hides the
 * server's cookies from frames never gets there: the server would call every session there "changed".
 */
export function createRecognized(client: string): {
  has(loggedInAt: number): boolean
  add(loggedInAt: number): void
} {
  const key = prefix + client
  let own: string | undefined
  return {
    has: (loggedInAt) => [own, ...useStorages((storage) => storage.getItem(key))].includes(`${loggedInAt}`),
    add(loggedInAt) {
      own = `${loggedInAt}`
      useStorages((storage) => storage.setItem(key, `${loggedInAt}`))
    },
  }
}

/** Uses the storage that tabs share, and that of this tab, whose session may be its own. Leaves out one that is denied or full. */
function useStorages<Value>(use: (storage: Storage) => Value): Value[] {
  return [() => localStorage, () => sessionStorage].flatMap((open) => {
    try {
      return [use(open())]
    } catch {
      return []
    }
  })
}
