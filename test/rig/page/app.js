// The script of the test page. `window.latchkey` comes from the bundle, `window.authDefaults` and
// `window.authAtLoad` from the server of the app.

window.authEvents = []
window.authStates = []

/**
 * Creates `window.auth`; `store` is a name here: 'indexedDB', 'session' or 'memory'; so is `vault`: 'shared' or 'worker'; `dpop` is true or false, `overlay` the options of
 * that; with `external`, the host app of `host-app.ts` opens the login page; with `played` it is a test client.
 */
window.startAuth = (options = {}) => {
  if (!window.latchkey) throw new Error('no bundle of latchkey: run "npm run build", then the tests again')
  const { store, vault, dpop, overlay, external, played, ...rest } = { ...window.authDefaults, ...options }
  const { createClient, createTestClient } = window.latchkey
  const create = played ? (all) => createTestClient({ status: 'loading' }, all) : createClient
  window.auth = create({
    ...rest,
    ...(store && { store: window.latchkey[`${store}Store`]() }),
    ...(vault && { vault: createVault(vault) }),
    ...(dpop && { dpop: window.latchkey.dpop() }),
    ...(overlay && { overlay: window.latchkey.overlay(overlay) }),
    ...(external && { transports: [window.latchkey.external(openByHostApp)] }),
    onEvent: (event) => {
      window.authEvents.push(describe(event))
      window.kept?.events.push(event)
    },
  })
  window.authStates = [describe(window.auth.getState())]
  window.auth.subscribe((state) => {
    window.authStates.push(describe(state))
    window.kept?.states.push(state)
  })
  if (window.kept) keepErrors(window.auth, window.kept.errors)
}

/** Lets the host app open a page of the server. Resolves with the URL that its window was sent to. */
async function openByHostApp(url, { signal }) {
  window.hostSignals.push(signal)
  const response = await fetch(`/host-app?url=${encodeURIComponent(url)}`, { signal })
  return (await response.json()).href
}
window.hostSignals = []

/** Creates a vault in a worker: a `SharedWorker`, or one for this tab. */
function createVault(kind) {
  return window.latchkey.workerVault(() => {
    const create = kind === 'shared' ? SharedWorker : Worker
    return (window.vaultWorker = new create(window.vaultUrl ?? '/worker.js'))
  })
}

/** Keeps what the client's calls reject with as it is, for the search of `secret-search.ts`. */
function keepErrors(auth, errors) {
  for (const name of ['login', 'logout', 'getToken', 'getTokenSet', 'fetch', 'ready', 'prepare']) {
    const call = auth[name]
    auth[name] = (...values) => {
      const promise = call(...values)
      promise.catch((error) => errors.push(error))
      return promise
    }
  }
}

/** Makes plain data of a value: errors keep their name, message and own fields. */
function describe(value) {
  if (value instanceof Error || window.latchkey?.isAuthError(value)) {
    const { name, message } = value
    return { ...describe(Object.fromEntries(Object.entries(value))), name, message }
  }
  if (Array.isArray(value)) return value.map(describe)
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? undefined : value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, describe(field)]))
}
window.describe = describe

document.querySelector('#run').addEventListener('click', () => {
  const start = performance.now()
  const after = () => Math.round(performance.now() - start)
  window.outcome = new Promise((resolve) => {
    const fail = (error) => resolve({ error: describe(error), after: after() })
    try {
      // The call itself is made in the gesture; nothing is awaited before it.
      Promise.resolve(window.onRun()).then(
        (value) => resolve({ value: describe(value), after: after() }),
        fail,
      )
    } catch (error) {
      fail(error)
    }
  })
})

if (window.authAtLoad) window.startAuth(window.authAtLoad)
