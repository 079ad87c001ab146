import { isAnswer, readJson, type Answer, type Outcome } from './probe.js'

/** The error response of an OAuth endpoint (RFC 6749 section 5.2). */
export interface ErrorBody {
  error: string
  error_description: string
}

/** Reads the error of a response; an empty object if there is none. */
export function readError(outcome: Outcome | undefined): Partial<ErrorBody> {
  return readJson<ErrorBody>(outcome) ?? {}
}

/**
 * Tells whether a response says anything about the value that was sent. It does if an invalid value was rejected with a different
 * response. A busy or broken server has not checked the value.
 */
export function isToldApart(outcome: Outcome | undefined, control: Outcome | undefined): boolean {
  if (!isAnswer(outcome) || !isAnswer(control) || !isRefusal(control)) return false
  return outcome.status !== control.status || readError(outcome).error !== readError(control).error
}

function isRefusal({ status }: Answer): boolean {
  return status >= 400 && status < 500 && status !== 429
}

/** Tells whether an endpoint rejects a client that does not authenticate (RFC 6749 section 5.2). */
export function isClientRefused(outcome: Outcome | undefined): boolean {
  const { error = '' } = readError(outcome)
  if (error === 'invalid_client' || error === 'unauthorized_client') return true
  const isAboutProof = error === 'invalid_dpop_proof' || error === 'use_dpop_nonce'
  return isAnswer(outcome) && outcome.status === 401 && !isAboutProof
}

/** Describes the response of an endpoint. */
export function sayAnswer(outcome: Outcome | undefined): string {
  if (!outcome) return 'no answer'
  if (!isAnswer(outcome)) return outcome.failure
  const { error, error_description: why } = readError(outcome)
  return [`HTTP ${outcome.status}`, error, why].filter(Boolean).join(': ')
}
