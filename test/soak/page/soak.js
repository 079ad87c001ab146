// The script of a soak tab: one client for each session, each of which asks for a token again and again.

const { issuer, clientIds } = window.soakOptions
const clients = new Map()
let count = 0

/** Tells the test. Without it (a tab that has just been opened) nobody listens yet. */
function report(message) {
  window.report?.(JSON.stringify({ at: Date.now(), ...message }))
}

function pause(min, max) {
  return new Promise((resolve) => setTimeout(resolve, min + Math.random() * (max - min)))
}

async function ask(clientId, auth, options) {
  try {
    await auth.getToken(options)
    count += 1
  } catch (error) {
    report({ type: 'error', clientId, code: error.code ?? String(error) })
  }
}

async function drive(clientId, auth) {
  for (;;) {
    await pause(200, 1500)
    // Some calls want 30 s, which no token here has: they renew, however new the token is.
    if (auth.getState().status === 'logged-in')
      await ask(clientId, auth, Math.random() < 0.1 ? {} : { minValidity: 0 })
  }
}

for (const clientId of clientIds) {
  const auth = window.latchkey.createClient({
    issuer,
    clientId,
    onEvent: ({ type }) => {
      if (type === 'store_failed') report({ type, clientId })
    },
  })
  clients.set(clientId, auth)
  const show = (state) => report({ type: 'state', clientId, status: state.status, reason: state.reason })
  auth.subscribe(show)
  show(auth.getState())
  void drive(clientId, auth)
}

setInterval(() => {
  if (count) report({ type: 'tokens', count })
  count = 0
}, 1000)

/** Describes an error in a line. */
const describe = (error) => `${error.code ?? error.name}: ${error.message}`

window.soak = {
  isLoggedOut: (clientId) => clients.get(clientId).getState().status === 'logged-out',
  login: (clientId) =>
    clients
      .get(clientId)
      .login()
      .then(() => '', describe),
  /** Tells whether no other tab holds a transaction of the store that this one has to wait for. */
  async isStoreFree() {
    const free = new Promise((resolve, reject) => {
      const request = indexedDB.open('latchkey')
      request.onerror = () => reject(request.error)
      request.onsuccess = () => {
        const transaction = request.result.transaction('records', 'readwrite')
        transaction.objectStore('records').get('')
        transaction.oncomplete = () => {
          request.result.close()
          resolve(true)
        }
      }
    })
    return Promise.race([free, pause(500, 500).then(() => false)])
  },
  /** Gets what each client shows, and whether it gets a token. */
  async look() {
    const looks = [...clients].map(async ([clientId, auth]) => {
      const asked = auth.getToken({ minValidity: 0 }).then(
        () => 'has a token',
        (error) => error.code,
      )
      const token = await Promise.race([asked, pause(40_000, 40_000).then(() => 'no answer in 40 s')])
      const state = auth.getState()
      return [clientId, [state.status, state.reason, state.user?.sub, token].filter(Boolean).join(', ')]
    })
    return Object.fromEntries(await Promise.all(looks))
  },
}
