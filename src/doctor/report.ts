import { styleText } from 'node:util'
import type { Question } from './facts.js'
import { checkNames, type Level, type Row } from './row.js'

/** Options of the report. */
export interface ReportOptions {
  /** In characters. */
  width: number
  colours: boolean
}

const looks = {
  green: { symbol: '✔', colour: 'green', word: 'fine' },
  amber: { symbol: '▲', colour: 'yellow', word: 'could be better' },
  red: { symbol: '✖', colour: 'red', word: 'broken' },
  grey: { symbol: '·', colour: 'gray', word: 'not checked' },
} as const

const indent = 21

/** Formats the report for people: one line per check, followed by what to do. */
export function formatReport({ issuer, origin }: Question, rows: Row[], options: ReportOptions): string {
  const paint = (level: Level, text: string) =>
    options.colours ? styleText(looks[level].colour, text, { validateStream: false }) : text
  const lines = rows.flatMap(({ id, level, found, fix }) => {
    const name = `${looks[level].symbol} ${checkNames[id]}`
    const body = [
      ...wrap(found, options.width - indent),
      ...(fix ? wrapFix(fix, options.width - indent) : []),
    ]
    return body.map((line, index) => (index ? ' '.repeat(indent) : paint(level, name.padEnd(indent))) + line)
  })
  const counts = (Object.keys(looks) as Level[]).flatMap((level) => {
    const count = rows.filter((row) => row.level === level).length
    return count ? [paint(level, `${looks[level].symbol} ${count} ${looks[level].word}`)] : []
  })
  const title = wrap(`${issuer}, as seen by a page at ${origin}`, options.width)
  return [...title, '', ...lines, '', counts.join('  '), ''].join('\n')
}

/** Formats the report for programs. */
export function formatJson({ issuer, origin }: Question, rows: Row[]): string {
  return JSON.stringify({ issuer, origin, rows }, null, 2) + '\n'
}

function wrapFix(fix: string, width: number): string[] {
  return wrap(fix, width - 2).map((line, index) => (index ? '  ' : '→ ') + line)
}

/** Wraps a text at spaces. URLs stay in one piece, so that they can be copied. */
function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of clean(text).split(' ')) {
    const line = lines.at(-1)!
    if (line && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line ? `${line} ${word}` : word
  }
  return lines
}

/** Removes control characters: parts of the report come from the server, and must not control the terminal. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 400)
}
