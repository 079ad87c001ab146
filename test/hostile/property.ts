import fc from 'fast-check'
import { expect, vi } from 'vitest'
import { isAuthError } from '../../src/base/is-auth-error.js'
import { holdsPiece, piecesOf } from '../rig/secret-pieces.js'

/** Fixed, so that a run can be repeated. Set HOSTILE_SEED for other cases, and HOSTILE_CASES for more. */
const seed = Number(process.env['HOSTILE_SEED'] ?? 9700)
const numRuns = Number(process.env['HOSTILE_CASES'] ?? 10_000)

// Seconds as a rule; a busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 })

console.log(`property tests: HOSTILE_SEED=${seed} HOSTILE_CASES=${numRuns}`)

/** What one case must satisfy: it throws if the case breaks the rule. Returns whether the parser accepted the input. */
export type Check<Input> = (input: Input) => boolean | Promise<boolean>

/** How many cases were accepted and refused. */
export interface Tally {
  accepted: number
  refused: number
}

/** How many of the cases a property gets that takes a millisecond for each, as a part of all. */
export const few = 0.1

/**
 * Runs a check over generated inputs. At least one input in a thousand has to be accepted, and one in a thousand refused: a generator
 * that only makes noise, or a parser that refuses everything, proves nothing.
 */
export async function expectAlways<Input>(
  inputs: fc.Arbitrary<Input>,
  check: Check<Input>,
  part = 1,
): Promise<Tally> {
  const cases = Math.ceil(numRuns * part)
  const tally = { accepted: 0, refused: 0 }
  const property = fc.asyncProperty(inputs, async (input) => {
    if (await check(input)) tally.accepted++
    else tally.refused++
  })
  await fc.assert(property, { seed, numRuns: cases })
  const least = cases / 1000
  expect(tally.accepted, 'accepted cases').toBeGreaterThanOrEqual(least)
  expect(tally.refused, 'refused cases').toBeGreaterThanOrEqual(least)
  return tally
}

/** The positive control of a property: the same inputs find the fault of a check that is wrong on purpose. */
export async function expectFalsified<Input>(
  inputs: fc.Arbitrary<Input>,
  check: (input: Input) => unknown,
): Promise<void> {
  const property = fc.asyncProperty(inputs, async (input) => void (await check(input)))
  expect((await fc.check(property, { seed, numRuns, endOnFailure: true })).failed).toBe(true)
}

/** Expects the typed error, with none of the secrets in anything that it says. */
export function expectTyped(error: unknown, secrets: string[], codes?: readonly string[]): void {
  if (!isAuthError(error)) throw new Error(`not an AuthError: ${(error as Error)?.stack ?? error}`)
  if (codes && !codes.includes(error.code)) throw new Error(`unexpected code ${error.code}: ${error.message}`)
  expectSilent([error.message, error.stack, JSON.stringify({ ...error, cause: error.cause })], secrets)
}

/** Expects that no text holds a secret, in any encoding. */
export function expectSilent(texts: (string | undefined)[], secrets: string[]): void {
  const pieces = piecesOf(new Set(secrets))
  for (const text of texts)
    if (text && holdsPiece(text, pieces)) throw new Error(`a secret is in: ${text.slice(0, 500)}`)
}
