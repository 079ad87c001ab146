import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'

/** What one server did in a run. */
export interface ServerResult {
  title: string
  version: string
  /** The day of the run. */
  date: string
  /** The browsers, with their versions. */
  engines: string[]
  /** The rows: how each test ended, by its title. */
  rows: Record<string, Row>
}

/** How a test ended: in every engine, or a failure; with what the server answered, or why there was no test. */
export type Row = { passed: boolean; note?: string } | { skipped: string }

/** The results by the server's name, as of the last run of each. */
export type Results = Record<string, ServerResult>

const resultsFile = fileURLToPath(new URL('results.json', import.meta.url))
const docFile = fileURLToPath(new URL('../../docs/servers.md', import.meta.url))
const marks = ['<!-- test:servers -->', '<!-- /test:servers -->'] as const

/** Reads the results of the last run of each server. */
export function readResults(): Results {
  return JSON.parse(readFileSync(resultsFile, 'utf8')) as Results
}

/** Writes the results, and the matrix into the documentation. */
export async function writeResults(results: Results): Promise<void> {
  writeFileSync(resultsFile, await formatFile(JSON.stringify(results), resultsFile))
  writeFileSync(docFile, await putMatrix(readFileSync(docFile, 'utf8'), results))
}

/** Puts the matrix between the marks of the document. */
export async function putMatrix(doc: string, results: Results): Promise<string> {
  const [start, end] = marks.map((mark) => doc.indexOf(mark)) as [number, number]
  if (start < 0 || end < start) throw new Error(`${docFile} has no ${marks.join(' ')}`)
  const text = `${doc.slice(0, start + marks[0].length)}\n\n${buildMatrix(results)}\n\n${doc.slice(end)}`
  return formatFile(text, docFile)
}

function buildMatrix(results: Results): string {
  const servers = Object.values(results)
  const notes: string[] = []
  const titles = [...new Set(servers.flatMap(({ rows }) => Object.keys(rows)))]
  const show = (row: Row | undefined): string => {
    if (!row) return ''
    const [sign, note] = readCell(row)
    if (!note) return sign
    if (!notes.includes(note)) notes.push(note)
    return `${sign} (${notes.indexOf(note) + 1})`
  }
  const lines = [
    ['', ...servers.map(({ title, version }) => `${title} ${version}`)],
    ['---', ...servers.map(() => '---')],
    ['run on', ...servers.map(({ date }) => date)],
    ['engines', ...servers.map(({ engines }) => engines.join(', '))],
    ...titles.map((title) => [title, ...servers.map(({ rows }) => show(rows[title]))]),
  ]
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  return `${table}\n\n${notes.map((note, index) => `${index + 1}. ${note}`).join('\n')}`
}

function readCell(row: Row): [sign: string, note: string | undefined] {
  if ('skipped' in row) return ['–', row.skipped]
  return [row.passed ? '✔' : '**✘**', row.note]
}

async function formatFile(text: string, filepath: string): Promise<string> {
  return format(text, { ...(await resolveConfig(filepath)), filepath })
}
