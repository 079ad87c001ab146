import { expect, test } from 'vitest'
import { judgePopup, unwatched, type PopupSample } from '../../src/browser/windows/popup-verdict.js'

const blank: PopupSample = { closed: false, away: false, focused: false }
const away: PopupSample = { closed: false, away: true, focused: false }
const closedHere: PopupSample = { closed: true, away: false, focused: true }
const closedElsewhere: PopupSample = { closed: true, away: false, focused: false }

function judge(...samples: [PopupSample, times: number][]) {
  let watch = { ...unwatched, gone: false }
  for (const [sample, times] of samples) for (let i = 0; i < times; i++) watch = judgePopup(watch, sample)
  return watch
}

test('a window that was at the server and closes while this page has the focus was closed by the user', () => {
  expect(judge([blank, 1], [away, 3], [closedHere, 10])).toMatchObject({ gone: true, cut: 'no' })
})

test('there is no verdict before `closed` has lasted ten turns', () => {
  expect(judge([away, 1], [closedHere, 9])).toMatchObject({ gone: false, cut: 'no' })
})

test('a window that opens again restarts the count', () => {
  expect(judge([away, 1], [closedHere, 9], [away, 1], [closedHere, 9])).toMatchObject({
    gone: false,
    cut: 'no',
  })
})

test('a window that was never seen at the server was severed there', () => {
  expect(judge([blank, 2], [closedHere, 10])).toMatchObject({ gone: false, cut: 'at the server' })
})

test('a window that was seen at the server and closes without returning the focus was severed later', () => {
  expect(judge([away, 2], [closedElsewhere, 23])).toMatchObject({ gone: false, cut: 'no' })
  expect(judge([away, 2], [closedElsewhere, 24])).toMatchObject({ gone: false, cut: 'on a later page' })
})

test('focus that returns late still means that the user closed the window', () => {
  expect(judge([away, 2], [closedElsewhere, 20], [closedHere, 1])).toMatchObject({ gone: true, cut: 'no' })
})

test('a severed window is gone once the focus has stayed here for four seconds', () => {
  expect(judge([blank, 1], [closedElsewhere, 10], [closedHere, 79])).toMatchObject({ gone: false })
  expect(judge([blank, 1], [closedElsewhere, 10], [closedHere, 80])).toMatchObject({ gone: true })
  expect(
    judge([blank, 1], [closedElsewhere, 10], [closedHere, 79], [closedElsewhere, 1], [closedHere, 79]),
  ).toMatchObject({
    gone: false,
  })
})
