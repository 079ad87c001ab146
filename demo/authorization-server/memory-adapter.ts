import type { Adapter, AdapterPayload } from 'oidc-provider'

interface StoredRecord {
  payload: AdapterPayload
  expiresAt: number
}

/** The in-memory data of an authorization server. */
export interface Memory {
  /** Creates oidc-provider's adapter for one of its models. */
  adapter: (model: string) => Adapter
  /** Deletes sessions, grants, codes and tokens, as if the server had restarted. */
  clear: () => void
}

/** Creates the memory of one server. Clients are not stored but looked up each time. */
export function createMemory(findClient: (id: string) => AdapterPayload | undefined): Memory {
  const models = new Map<string, Map<string, StoredRecord>>()

  function adapter(model: string): Adapter {
    if (!models.has(model)) models.set(model, new Map())
    const records = models.get(model)!
    const findBy = (field: 'uid' | 'userCode', value: string) =>
      [...records.values()].find(({ payload }) => payload[field] === value)?.payload

    return {
      async upsert(id, payload, expiresIn) {
        records.set(id, { payload, expiresAt: expiresIn ? Date.now() + expiresIn * 1000 : Infinity })
      },
      async find(id) {
        if (model === 'Client') return findClient(id)
        const record = records.get(id)
        if (record && record.expiresAt > Date.now()) return record.payload
        records.delete(id)
        return undefined
      },
      async findByUid(uid) {
        return findBy('uid', uid)
      },
      async findByUserCode(userCode) {
        return findBy('userCode', userCode)
      },
      async consume(id) {
        const record = records.get(id)
        if (record) record.payload.consumed = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        records.delete(id)
      },
      async revokeByGrantId(grantId) {
        for (const [id, { payload }] of records) if (payload.grantId === grantId) records.delete(id)
      },
    }
  }

  return {
    adapter,
    clear() {
      for (const records of models.values()) records.clear()
    },
  }
}
