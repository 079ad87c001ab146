import { isAnswerKnown } from './known-answer.js'
import type { Exchange, Loss, SoakRecord } from './record.js'

/**
 * Judges the end of a session. Undefined: the answer to a rotation was destroyed, and no frame was possible, so that nobody could have
 * kept it. Otherwise what is wrong.
 */
export function judgeLoss(record: SoakRecord, loss: Loss): string | undefined {
  if (loss.reason !== 'session_lost') return 'no tab said that the session was lost'
  const since = Math.max(
    0,
    ...record.logins.filter(({ clientId, at }) => isBefore(loss, clientId, at)).map(({ at }) => at),
  )
  const exchanges = record.exchanges.filter(
    ({ clientId, arrived }) => clientId === loss.clientId && arrived >= since && arrived <= loss.at,
  )
  // The last refusal: a hidden frame may have repaired what an earlier one broke.
  const refused = exchanges.findLast(({ kind, outcome }) => kind === 'refresh' && outcome === 'refused')
  if (!refused) return 'the server refused no refresh token'
  const rotation = exchanges.find(({ token, outcome }) => token === refused.token && outcome === 'granted')
  if (!rotation) return `the server had not rotated the token that it refused: ${JSON.stringify(refused)}`
  if (isAnswerKnown(rotation, record.incidents))
    return `the rotation had been answered: ${JSON.stringify(rotation)}`
  return judgeFrames(record, rotation, exchanges)
}

function judgeFrames(record: SoakRecord, rotation: Exchange, exchanges: Exchange[]): string | undefined {
  const client = record.clients.find(({ clientId }) => clientId === rotation.clientId)
  if (!client?.framePossible) return undefined
  const frames = exchanges.filter(({ kind, arrived }) => kind === 'frame' && arrived >= rotation.arrived)
  if (frames.length === 0) return `no frame was tried after ${JSON.stringify(rotation)}`
  const answered = frames.find(({ outcome, delivered }) => outcome === 'granted' && delivered)
  return answered && `a frame had been answered: ${JSON.stringify(answered)}`
}

function isBefore(loss: Loss, clientId: string, at: number): boolean {
  return clientId === loss.clientId && at <= loss.at
}
