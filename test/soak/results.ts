import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import type { Figures } from './judge.js'

/** The last long run. */
export interface SoakResult {
  /** As `YYYY-MM-DD`. */
  date: string
  seed: number
  minutes: number
  tabs: number
  sessions: number
  versions: Record<string, string>
  figures: Figures
}

const resultFile = fileURLToPath(new URL('results.json', import.meta.url))
const docFile = fileURLToPath(new URL('../../docs/reliability.md', import.meta.url))
const marks = ['<!-- soak -->', '<!-- /soak -->'] as const

/** Reads the last long run. */
export function readResult(): SoakResult {
  return JSON.parse(readFileSync(resultFile, 'utf8')) as SoakResult
}

/** Writes a run, and its table into the documentation. */
export async function writeResult(result: SoakResult): Promise<void> {
  writeFileSync(resultFile, await formatFile(JSON.stringify(result), resultFile))
  writeFileSync(docFile, await putTable(readFileSync(docFile, 'utf8'), result))
}

/** Puts the table between the marks of the document. */
export async function putTable(doc: string, result: SoakResult): Promise<string> {
  const [start, end] = marks.map((mark) => doc.indexOf(mark)) as [number, number]
  if (start < 0 || end < start) throw new Error(`${docFile} has no ${marks.join(' ')}`)
  const text = `${doc.slice(0, start + marks[0].length)}\n\n${buildTable(result)}\n\n${doc.slice(end)}`
  return formatFile(text, docFile)
}

function buildTable({ date, seed, minutes, tabs, sessions, versions, figures }: SoakResult): string {
  const { errors } = figures
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const rows: [string, string | number, string?][] = [
    ['refresh tokens accepted by the server', figures.refreshes],
    ['tokens returned by `getToken()`', figures.tokens],
    ['faults at the token and authorization endpoints', figures.faults],
    ['tabs killed, crashed, frozen, reloaded or put offline', figures.incidents],
    ['refresh tokens sent twice at the same time', figures.sentConcurrently, '0'],
    ['refresh tokens sent again after the answer had arrived', figures.sentAfterAnswer, '0'],
    ['refresh tokens sent again in doubt, which the server had not processed', figures.sentAgainUnprocessed],
    ['refresh tokens sent again in doubt, which the server had rotated', figures.sentAgainProcessed],
    ['new grants by hidden iframe', figures.frameGrants],
    [
      'sessions lost because the answer to a rotation was destroyed, and an iframe was impossible or failed, too',
      figures.lostUnavoidably,
    ],
    ['sessions lost for any other reason', figures.lostOtherwise, '0'],
    ['logins needed after the first one of each session', figures.loginsNeeded],
    ['tabs in disagreement', figures.disagreements, '0'],
    ['clients that went on in memory because the store did not answer', figures.storeFailures],
    ...Object.entries(errors)
      .toSorted(([, one], [, other]) => other - one)
      .map(([code, count]): [string, number] => [`\`getToken()\` rejected with \`${code}\``, count]),
  ]
  const lines = [
    ['', 'count', 'required'],
    ['---', '--:', '--:'],
    ...rows.map(([title, count, required = '']) => [title, group(count), required]),
  ]
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  return `Run on ${date} with seed ${seed}: ${minutes} minutes, ${tabs} tabs, ${sessions} sessions, ${names.join(', ')}.\n\n${table}`
}

/** Writes a number in groups of three digits. */
function group(count: string | number): string {
  return count.toLocaleString('en-US')
}

async function formatFile(text: string, filepath: string): Promise<string> {
  return format(text, { ...(await resolveConfig(filepath)), filepath })
}
