import { describe, expect, test } from 'vitest'
import type { Store, StoreRecord } from '../../src/api/store.js'
import { openSessionRecord } from '../../src/vault/session-record.js'
import { openSessionWriter } from '../../src/vault/session-writer.js'
import type { StoredSession } from '../../src/vault/stored-session.js'

const name = 'session https://id.example.com spa'

const session = (more: Partial<StoredSession> = {}): StoredSession => ({
  user: { sub: 'alice', iss: 'https://id.example.com', aud: 'spa', exp: 1, iat: 1 },
  scope: 'openid',
  resources: [],
  tokens: {},
  loggedInAt: 1,
  refreshToken: 'first',
  ...more,
})

/** A store of all tabs that can be made to fail. */
function createStore() {
  const records = new Map<string, StoreRecord>()
  const broken = { reads: false, writes: false, removals: false }
  const check = (isBroken: boolean) => {
    if (isBroken) throw new Error('broken')
  }
  const store: Store = {
    shared: true,
    sealed: true,
    async get(key) {
      check(broken.reads)
      return records.get(key)
    },
    async update(key, change) {
      check(broken.reads)
      const next = change(records.get(key))
      check(broken.writes)
      if (next) records.set(key, next)
    },
    async remove(key) {
      check(broken.removals)
      records.delete(key)
    },
    async clear() {
      check(broken.removals)
      records.clear()
    },
  }
  return { store, broken, records }
}

function open(store: Store) {
  const failures: string[] = []
  const record = openSessionRecord(store, name, (message) => failures.push(message))
  return { record: { ...record, ...openSessionWriter(store, record) }, failures }
}

describe('the record of a session', () => {
  test('is available to another tab, and unreadable in the store', async () => {
    const { store, records } = createStore()
    await open(store).record.commit(session())
    expect((await open(store).record.read()).session).toMatchObject(session())
    expect(JSON.stringify([...records.values()])).not.toContain('first')
  })

  test('is read without the shared refresh token while the store fails, and with it afterwards', async () => {
    const { store, broken } = createStore()
    const { record, failures } = open(store)
    await record.commit(session())
    broken.reads = true
    const read = await record.read()
    expect(read).toMatchObject({ session: { user: { sub: 'alice' } }, isWithheld: true })
    expect(read.session?.refreshToken).toBe(undefined)
    await record.read()
    expect(failures).toEqual(['Error: broken'])
    broken.reads = false
    const again = await record.read()
    expect(again.session?.refreshToken).toBe('first')
    expect(again.isWithheld).toBe(undefined)
  })

  test('keeps its refresh token in the store if the store fails after the token was marked, and the server did not replace it', async () => {
    const { store, broken } = createStore()
    const { record } = open(store)
    const marked = (await record.mark((await record.commit(session()))!))!
    broken.writes = true
    const conditions = { ifGeneration: marked.generation }
    expect(await record.commit(session({ inDoubt: false }), conditions)).toBe(undefined)
    broken.writes = false
    for (const { read } of [record, open(store).record])
      expect((await read()).session).toMatchObject({ refreshToken: 'first', inDoubt: true })
    // The control: a token that the server replaced is kept in memory, and stored later.
    broken.writes = true
    expect(await record.commit(session({ refreshToken: 'second' }), conditions)).toBeDefined()
    broken.writes = false
    await record.read()
    expect((await open(store).record.read()).session?.refreshToken).toBe('second')
  })

  test('does not mark a shared refresh token if other tabs would not see it', async () => {
    const { store, broken } = createStore()
    const { record } = open(store)
    const read = (await record.commit(session()))!
    broken.writes = true
    await expect(record.mark(read)).rejects.toMatchObject({ code: 'vault_unavailable', retryable: true })
    expect((await record.read()).session?.inDoubt).toBe(undefined)
    broken.writes = false
    expect(await record.mark(read)).toBeDefined()
  })

  test('keeps a change that a full store rejects, and stores it when there is space again', async () => {
    const { store, broken } = createStore()
    const { record } = open(store)
    const { generation } = (await record.commit(session()))!
    broken.writes = true
    const renewed = await record.commit(session({ refreshToken: 'second' }), { ifGeneration: generation })
    expect((await record.read()).session?.refreshToken).toBe('second')
    expect(await record.mark(renewed!)).toBeDefined()
    expect((await open(store).record.read()).session?.refreshToken).toBe('first')
    broken.writes = false
    await record.read()
    expect((await open(store).record.read()).session).toMatchObject({ refreshToken: 'second', inDoubt: true })
  })

  test('is the later change of another tab, not an earlier one that could not be stored', async () => {
    const { store, broken } = createStore()
    const { record } = open(store)
    const { generation } = (await record.commit(session()))!
    broken.writes = true
    await record.commit(session({ refreshToken: 'mine' }), { ifGeneration: generation })
    broken.writes = false
    const other = open(store).record
    for (let writes = 0; writes < 3; writes++) await other.commit(session({ refreshToken: 'theirs' }))
    expect((await record.read()).session?.refreshToken).toBe('theirs')
    expect((await other.read()).session?.refreshToken).toBe('theirs')
  })

  test('is removed at a logout that cannot be written', async () => {
    const { store, broken, records } = createStore()
    const { record } = open(store)
    await record.commit(session())
    broken.writes = true
    record.noteLogout()
    const ended = await record.end('logout')
    expect(ended).toMatchObject({ session: null, reason: 'logout', isUnstored: false })
    expect((await ended!.readBefore()).session?.refreshToken).toBe('first')
    expect(records.size).toBe(0)
    expect(await record.read()).toMatchObject({ session: null, reason: 'logout' })
  })

  test('reports that it is still stored if it can be neither written nor removed', async () => {
    const { store, broken } = createStore()
    const { record } = open(store)
    await record.commit(session())
    Object.assign(broken, { writes: true, removals: true })
    record.noteLogout()
    expect(await record.end('logout')).toMatchObject({ isUnstored: true })
    expect((await record.read()).session).toBe(null)
    // A store that has never answered contains nothing of ours.
    Object.assign(broken, { reads: true })
    expect(await open(store).record.end('logout')).toMatchObject({ isUnstored: false })
  })

  test('ends with a logout announced by another tab, but not with one before the login', async () => {
    const { store, broken } = createStore()
    const { record } = open(store)
    const other = open(store).record
    await record.commit(session())
    Object.assign(broken, { writes: true, removals: true })
    const { at } = other.noteLogout()
    expect(await record.read(at)).toMatchObject({ session: null, reason: 'logout' })
    Object.assign(broken, { writes: false, removals: false })
    const { generation } = (await record.commit(session({ refreshToken: 'next' })))!
    await record.commit(session({ refreshToken: 'renewed' }), { ifGeneration: generation })
    expect((await record.read(at)).session?.refreshToken).toBe('renewed')
    expect((await record.read(record.noteLogout().at)).session).toBe(null)
  })

  test('is lost in this tab only when its own session is rejected', async () => {
    const { store, broken } = createStore()
    const { record } = open(store)
    const { generation } = (await record.commit(session()))!
    broken.reads = true
    const own = await record.commit(session({ refreshToken: 'own' }), { ifGeneration: generation })
    await record.end('session_lost', { ifGeneration: own!.generation })
    expect(await record.read()).toMatchObject({ session: null, reason: 'session_lost' })
    broken.reads = false
    expect((await record.read()).session?.refreshToken).toBe('first')
    expect((await open(store).record.read()).session?.refreshToken).toBe('first')
  })
})
