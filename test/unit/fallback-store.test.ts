import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Store } from '../../src/api/store.js'
import { memoryStore } from '../../src/browser/storage/memory-store.js'
import { createFallbackStore } from '../../src/browser/storage/fallback-store.js'

/** A store whose reads the test answers. */
function createSlowStore(more: Partial<Store> = {}) {
  const waiting: (() => void)[] = []
  const store: Store = {
    ...memoryStore(),
    get: () => new Promise((resolve) => waiting.push(() => resolve({ v: 1, generation: 1, sealed: {} }))),
    ...more,
  }
  let news = 0
  const fallback = createFallbackStore(store, () => news++)
  return { fallback, waiting, countNews: () => news }
}

const settle = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: Error) => error.message,
  )

describe('a fallback store', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('rejects within 3 s if the store does not respond, and at once until it does', async () => {
    const { fallback, waiting, countNews } = createSlowStore()
    const first = settle(fallback.get('a'))
    await vi.advanceTimersByTimeAsync(2900)
    expect(await first).toBe('the store does not respond')
    expect(await settle(fallback.get('a'))).toBe('the store does not respond')
    expect(waiting).toHaveLength(1)
    waiting[0]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(countNews()).toBe(1)
    // An operation that takes as long the next time gets more time.
    const second = settle(fallback.get('a'))
    await vi.advanceTimersByTimeAsync(2900)
    waiting[1]!()
    expect(await second).toBe('answered')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('tries a store that never responds again after a while', async () => {
    const { fallback, waiting } = createSlowStore()
    const first = settle(fallback.get('a'))
    await vi.advanceTimersByTimeAsync(2400)
    await first
    await vi.advanceTimersByTimeAsync(10_000)
    const second = settle(fallback.get('a'))
    waiting[1]!()
    expect(await second).toBe('answered')
  })

  test('retries a failed operation once', async () => {
    let calls = 0
    const get: Store['get'] = async () => {
      calls++
      throw new Error(`failure ${calls}`)
    }
    const { fallback } = createSlowStore({ get })
    expect(await settle(fallback.get('a'))).toBe('failure 2')
    expect(await settle(fallback.update('a', () => ({ v: 1, generation: 1, sealed: {} })))).toBe('answered')
  })
})
