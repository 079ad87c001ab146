import { findSessionEnd } from '../../src/session/session-end.js'
import type { SessionView } from '../../src/vault/vault.js'
import type { JsonObject } from '../rig/id-token-tampering.js'
import { expect, test } from './fixtures.js'
import { expectLogin } from './refusals.js'

const hour = 3600
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

/** Gives the announced end of a session as seconds from now, rounded to a minute; undefined if there is none. */
function minutesLeft({ session }: SessionView): number | undefined {
  const end = findSessionEnd(session!)
  return end === undefined ? undefined : Math.round((end - Date.now()) / 60_000)
}

const announced: { title: string; fields: JsonObject; minutes: number | undefined }[] = [
  { title: 'nothing', fields: {}, minutes: undefined },
  { title: 'refresh_expires_in', fields: { refresh_expires_in: hour }, minutes: 60 },
  { title: 'refresh_token_expires_in', fields: { refresh_token_expires_in: hour }, minutes: 60 },
  { title: 'refresh_token_timeout', fields: { refresh_token_timeout: hour }, minutes: 60 },
  { title: 'authorization_expires_in', fields: { authorization_expires_in: hour }, minutes: 60 },
  {
    title: 'two fields: the earlier wins',
    fields: { refresh_token_timeout: 2 * hour, authorization_expires_in: hour },
    minutes: 60,
  },
  { title: 'a fraction of a second', fields: { refresh_expires_in: hour + 0.00001 }, minutes: 60 },
  {
    title: '0 of Keycloak, for a session without an end',
    fields: { refresh_expires_in: 0 },
    minutes: undefined,
  },
  { title: 'a negative number', fields: { refresh_expires_in: -1 }, minutes: undefined },
  { title: 'a text', fields: { refresh_expires_in: `${hour}` }, minutes: undefined },
  { title: 'a list', fields: { refresh_expires_in: [hour] }, minutes: undefined },
  { title: 'an object', fields: { refresh_expires_in: {} }, minutes: undefined },
  { title: 'true', fields: { refresh_expires_in: true }, minutes: undefined },
  { title: 'null', fields: { refresh_expires_in: null }, minutes: undefined },
  { title: 'more than a date can be', fields: { refresh_expires_in: 1e300 }, minutes: undefined },
  {
    title: 'garbage beside a time',
    fields: { refresh_expires_in: 'soon', refresh_token_expires_in: hour, authorization_expires_in: 1e300 },
    minutes: 60,
  },
]

for (const { title, fields, minutes } of announced)
  test(`the end of a session with ${title} in the token response is ${minutes ?? 'not known'}`, async ({
    as,
    client,
  }) => {
    as.tamperTokenResponse((json) => ({ ...json, ...fields }))
    expect(minutesLeft(await expectLogin(client))).toBe(minutes)
    // As it is stored.
    expect(minutesLeft(await client.vault.load())).toBe(minutes)
  })

for (const [expiry, minutes] of [
  [() => inSeconds(hour), 60],
  [() => `${inSeconds(hour)}`, 60],
  [() => 'soon', undefined],
  [() => null, undefined],
  [() => ({}), undefined],
  [() => 1e300, undefined],
] as const)
  test(`the claim "session_expiry" ${JSON.stringify(expiry())} is an end ${minutes ?? 'that is not known'}`, async ({
    as,
    client,
  }) => {
    as.tamperIdToken((claims) => ({ claims: { ...claims, session_expiry: expiry() } }))
    expect(minutesLeft(await expectLogin(client))).toBe(minutes)
    as.tamperTokenResponse((json) => ({ ...json, refresh_expires_in: hour / 2 }))
    expect(minutesLeft(await client.refresh())).toBe(30)
  })

test('a renewal moves the end of what it announces again, and of nothing else', async ({ as, client }) => {
  as.tamperTokenResponse((json) => ({
    ...json,
    refresh_token_timeout: hour,
    authorization_expires_in: 3 * hour,
  }))
  expect(minutesLeft(await expectLogin(client))).toBe(60)
  as.tamperTokenResponse((json) => ({ ...json, refresh_token_timeout: 2 * hour }))
  expect(minutesLeft(await client.refresh())).toBe(120)
  as.tamperTokenResponse((json) => ({ ...json, refresh_token_timeout: 4 * hour }))
  expect(minutesLeft(await client.refresh())).toBe(180)
  as.tamperTokenResponse((json) => json)
  expect(minutesLeft(await client.refresh())).toBe(180)
  as.tamperTokenResponse((json) => ({ ...json, authorization_expires_in: 2 * hour }))
  expect(minutesLeft(await client.renewByFrame())).toBe(120)
  // A new login starts anew.
  as.tamperTokenResponse((json) => json)
  expect(minutesLeft(await expectLogin(client))).toBeUndefined()
})

test('an end that has not moved keeps its value through renewals', async ({ as, client }) => {
  const announce = (seconds: number) =>
    as.tamperTokenResponse((json) => ({
      ...json,
      refresh_expires_in: seconds,
      authorization_expires_in: 1e9,
    }))
  announce(hour)
  const first = findSessionEnd((await expectLogin(client)).session!)!
  // What a server sends about the same end: a rounded number, a second later.
  announce(hour - 1)
  expect(findSessionEnd((await client.refresh()).session!)).toBe(first)
  announce(hour + 1)
  expect(findSessionEnd((await client.renewByFrame()).session!)).toBe(first)
  // The control: an end that has moved, however little each time.
  announce(hour + 60)
  const second = findSessionEnd((await client.refresh()).session!)!
  expect(second).toBeGreaterThan(first + 50_000)
  announce(hour + 63)
  expect(findSessionEnd((await client.refresh()).session!)).toBe(second)
  announce(hour + 66)
  expect(findSessionEnd((await client.refresh()).session!)).toBeGreaterThan(second)
})

test('a refresh token that the server refuses has no end any more', async ({ as, client }) => {
  as.tamperTokenResponse((json) => ({ ...json, refresh_expires_in: hour }))
  await expectLogin(client)
  as.forgetEverything()
  await expect(client.refresh()).rejects.toMatchObject({ code: 'invalid_grant' })
  expect(minutesLeft(await client.vault.load())).toBeUndefined()
})
