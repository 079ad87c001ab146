// The script of the page for front-channel logout, which the server loads in a frame.
import { openChannel } from './browser/messages/channel.js'
import { indexedDBStore } from './browser/storage/indexed-db-store.js'
import { listRecords } from './browser/storage/list-records.js'
import { delayLoad } from './browser/windows/delay-load.js'
import { endSessions, parseFrontChannelLogout } from './vault/front-channel-logout.js'

// Many servers leave their page as soon as its frames have loaded.
const endLoad = delayLoad()

async function logOut(): Promise<boolean> {
  const query = new URLSearchParams(location.search)
  const session = parseFrontChannelLogout(query)
  if (!session) return false
  // From the registered URI, if the store of the app has another name.
  const name = query.get('database') ?? 'latchkey'
  const store = indexedDBStore({ name })
  const announce = (client: string, at: number) => openChannel(`latchkey ${client}`, () => {})(at)
  return (await endSessions(store, await listRecords(name), session, announce)) > 0
}

// For whoever opens the page to see what happens.
const show = (hasEnded: boolean) => void (document.title = hasEnded ? 'Signed out' : 'No session to sign out')

logOut()
  .then(show, () => show(false))
  .finally(endLoad)
