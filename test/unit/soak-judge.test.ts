import { describe, expect, test } from 'vitest'
import { judge } from '../soak/judge.js'
import type { Exchange, SoakRecord } from '../soak/record.js'

/** A refresh of token 1 by tab `a` that was answered. Times are in milliseconds. */
const answered: Exchange = {
  kind: 'refresh',
  clientId: 'app',
  tab: 'a',
  token: 1,
  arrived: 10_000,
  ended: 10_100,
  outcome: 'granted',
  fault: undefined,
  delivered: true,
}
/** The same, and its answer was destroyed. */
const destroyed: Exchange = { ...answered, fault: 'connection cut', delivered: false }
/** The same token again, which the server refuses now. */
const refused: Exchange = { ...answered, tab: 'b', arrived: 20_000, ended: 20_100, outcome: 'refused' }
const frame: Exchange = {
  ...answered,
  kind: 'frame',
  tab: undefined,
  token: undefined,
  arrived: 15_000,
  ended: 15_100,
}
const lost = { clientId: 'app', tab: 'b', at: 21_000, reason: 'session_lost' }

function build(parts: Partial<SoakRecord>): SoakRecord {
  return {
    clients: [{ clientId: 'app', framePossible: false }],
    exchanges: [answered],
    incidents: [],
    losses: [],
    logins: [{ clientId: 'app', at: 1000 }],
    failedLogins: [],
    disagreements: [],
    storeFailures: [],
    tokens: 1,
    errors: {},
    ...parts,
  }
}

const judged = (parts: Partial<SoakRecord>, refreshes = 0) => judge(build(parts), { refreshes })
const withFrames = { clients: [{ clientId: 'app', framePossible: true }] }

test('has nothing against a run in which each refresh token was sent once', () => {
  const exchanges = [answered, { ...answered, token: 2, arrived: 11_000, ended: 11_100 }]
  const { figures, failures } = judged({ exchanges }, 2)
  expect(failures).toEqual([])
  expect(figures).toMatchObject({ refreshes: 2, loginsNeeded: 0, sentAfterAnswer: 0, sentConcurrently: 0 })
})

test('counts the logins after the first one of each session', () => {
  const logins = [1, 2, 3].map((at) => ({ clientId: 'app', at }))
  expect(judged({ logins }).figures.loginsNeeded).toBe(2)
})

describe('reports a refresh token that was sent again', () => {
  test('after its sender had the answer', () => {
    const { figures, failures } = judged({ exchanges: [answered, refused] })
    expect(figures.sentAfterAnswer).toBe(1)
    expect(failures).toEqual([expect.stringMatching(/^sentAfterAnswer.*"token":1/)])
  })

  test('after its sender had the refusal', () => {
    const { figures } = judged({ exchanges: [{ ...answered, outcome: 'refused' }, refused] })
    expect(figures.sentAfterAnswer).toBe(1)
  })

  test('while it was waiting for the answer', () => {
    const { figures, failures } = judged({ exchanges: [{ ...answered, ended: 20_050 }, refused] })
    expect(figures.sentConcurrently).toBe(1)
    expect(failures).toEqual([expect.stringMatching(/^sentConcurrently/)])
  })

  test('while the tab that waits for the answer is frozen', () => {
    const incidents = [{ tab: 'a', kind: 'frozen' as const, at: 10_000, until: 30_000 }]
    const { figures } = judged({ exchanges: [{ ...destroyed, ended: undefined }, refused], incidents })
    expect(figures.sentConcurrently).toBe(1)
  })

  test('although something happened to another tab, or to the same one much later', () => {
    const incidents = [
      { tab: 'b', kind: 'crashed' as const, at: 10_050, until: 10_500 },
      { tab: 'a', kind: 'crashed' as const, at: 15_000, until: 15_500 },
    ]
    expect(judged({ exchanges: [answered, refused], incidents }).figures.sentAfterAnswer).toBe(1)
  })
})

describe('counts as in doubt a refresh token that was sent again', () => {
  test('after its answer was destroyed', () => {
    const { figures, failures } = judged({ exchanges: [destroyed, refused] })
    expect(figures).toMatchObject({ sentAgainProcessed: 1, sentAgainUnprocessed: 0 })
    expect(failures).toEqual([])
  })

  test('after a request that never came to the server', () => {
    const first: Exchange = { ...destroyed, outcome: 'none' }
    const { figures, failures } = judged({ exchanges: [first, { ...refused, outcome: 'granted' }] })
    expect(figures).toMatchObject({ sentAgainProcessed: 0, sentAgainUnprocessed: 1 })
    expect(failures).toEqual([])
  })

  test.each(['killed', 'crashed', 'reloaded', 'frozen', 'offline'] as const)(
    'after its sender was %s before it had stored the answer',
    (kind) => {
      const incidents = [{ tab: 'a', kind, at: 10_500, until: 11_000 }]
      const { figures, failures } = judged({ exchanges: [answered, refused], incidents })
      expect(figures.sentAgainProcessed).toBe(1)
      expect(failures).toEqual([])
    },
  )

  test('after its sender was killed while it waited', () => {
    const incidents = [{ tab: 'a', kind: 'killed' as const, at: 10_500, until: 11_000 }]
    const { figures } = judged({ exchanges: [{ ...answered, ended: 20_050 }, refused], incidents })
    expect(figures).toMatchObject({ sentConcurrently: 0, sentAgainProcessed: 1 })
  })
})

describe('reports a session that was lost', () => {
  test('although the rotation was answered', () => {
    const { figures, failures } = judged({ exchanges: [answered, refused], losses: [lost] })
    expect(figures).toMatchObject({ lostOtherwise: 1, lostUnavoidably: 0 })
    expect(failures).toContainEqual(expect.stringMatching(/^app was lost.*the rotation had been answered/))
  })

  test('although the server had refused nothing', () => {
    const { failures } = judged({ exchanges: [destroyed], losses: [lost] })
    expect(failures).toEqual([expect.stringMatching(/refused no refresh token/)])
  })

  test('although the server had not rotated what it refused', () => {
    const { failures } = judged({ exchanges: [{ ...refused, token: 7 }], losses: [lost] })
    expect(failures).toEqual([expect.stringMatching(/had not rotated/)])
  })

  test('and no tab said why', () => {
    const { failures } = judged({ exchanges: [destroyed, refused], losses: [{ ...lost, reason: 'none' }] })
    expect(failures).toEqual([expect.stringMatching(/no tab said/)])
  })

  test('although a frame had been answered', () => {
    const { failures } = judged({ ...withFrames, exchanges: [destroyed, frame, refused], losses: [lost] })
    expect(failures).toEqual([expect.stringMatching(/a frame had been answered/)])
  })

  test('without a frame where one was possible', () => {
    const { failures } = judged({ ...withFrames, exchanges: [destroyed, refused], losses: [lost] })
    expect(failures).toEqual([expect.stringMatching(/no frame was tried/)])
  })
})

describe('accepts that a session was lost', () => {
  test('if the answer to the rotation was destroyed, and a frame gets no cookies', () => {
    const { figures, failures } = judged({ exchanges: [destroyed, refused], losses: [lost] })
    expect(failures).toEqual([])
    expect(figures).toMatchObject({ lostUnavoidably: 1, lostOtherwise: 0 })
  })

  test('if the answers to the frames were destroyed, too', () => {
    const spoiled: Exchange = { ...frame, fault: '502', delivered: false }
    const { failures } = judged({ ...withFrames, exchanges: [destroyed, spoiled, refused], losses: [lost] })
    expect(failures).toEqual([])
  })

  test('if they were destroyed this time, although a frame had repaired the session before', () => {
    const first = [destroyed, refused, { ...frame, arrived: 20_500, ended: 20_600 }]
    const later = [destroyed, { ...frame, fault: '502', delivered: false }, refused] satisfies Exchange[]
    const second = later.map((one) => ({ ...one, token: 2, arrived: one.arrived + 30_000 }))
    const losses = [{ ...lost, at: 51_000 }]
    const { failures } = judged({ ...withFrames, exchanges: [...first, ...second], losses })
    expect(failures).toEqual([])
  })
})

test('reports failed logins, tabs that disagree, too few refreshes, and a run without a token', () => {
  const disagreements = [{ clientId: 'app', at: 1, shown: { a: 'logged-in', b: 'logged-out' } }]
  expect(judged({ failedLogins: ['popup_closed'], disagreements, tokens: 0 }, 2).failures).toEqual([
    'popup_closed',
    expect.stringMatching(/^tabs of app disagree/),
    '1 refreshes instead of 2',
    'no tab got a token',
  ])
})
