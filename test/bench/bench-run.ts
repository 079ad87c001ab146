import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { RequestCounts } from '../rig/count-requests.js'

const file = fileURLToPath(new URL('../figures/bench.json', import.meta.url))

/** What is measured. */
export type Measurement =
  | 'doNothing'
  | 'cachedToken'
  | 'databaseRead'
  | 'reload'
  | 'popupLogin'
  | 'preparedPopupLogin'
  | 'refresh'
  | 'iframe'

/** How long something took over all rounds, and which requests each round made at the authorization server. */
export interface Figure {
  unit: 'µs' | 'ms'
  median: number
  min: number
  max: number
  rounds: number
  requests: RequestCounts
}

/** One run of the bench. */
export interface BenchRun {
  /** As `YYYY-MM-DD`. */
  date: string
  node: string
  /** Versions of the package, its dependencies and the authorization server. */
  versions: Record<string, string>
  browsers: BrowserFigures[]
  /** The figures of another build of the package in the same run. */
  baseline?: { name: string; browsers: BrowserFigures[] }
}

/** What was measured in one browser. */
export interface BrowserFigures {
  name: string
  version: string
  figures: Record<Measurement, Figure>
}

/** What each measurement is called, in the order of a report. */
export const titles: Record<Measurement, string> = {
  doNothing: 'an async call that does nothing',
  cachedToken: 'getToken, cached',
  databaseRead: 'one IndexedDB read alone, after a reload',
  reload: 'createClient to the first token, after a reload',
  popupLogin: 'popup login with a session at the server, click to token',
  preparedPopupLogin: 'the same after prepare()',
  refresh: 'renewal by refresh token',
  iframe: 'renewal by hidden iframe',
}

/** Builds the figure of all rounds. */
export function buildFigure(times: number[], unit: Figure['unit'], requests: RequestCounts): Figure {
  const sorted = [...times].sort((one, other) => one - other)
  const middle = sorted.length / 2
  const median = ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2
  const [min, max] = [sorted[0] ?? NaN, sorted.at(-1) ?? NaN]
  return { unit, median: round(median), min: round(min), max: round(max), rounds: times.length, requests }
}

/** Formats counts as `authorize 1, token 1`; `0` when there was no request. */
export function formatRequests(requests: RequestCounts): string {
  const parts = Object.entries(requests).map(([endpoint, count]) => `${endpoint} ${count}`)
  return parts.join(', ') || '0'
}

/** Reads the run that was kept; undefined when none was. */
export function readBenchRun(): BenchRun | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as BenchRun
  } catch {
    return undefined
  }
}

/** Keeps a run for the README. */
export function writeBenchRun(run: BenchRun): void {
  writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`)
}

/** Rounds to three digits: more would only be noise. */
function round(value: number): number {
  return Number(value.toPrecision(3))
}
