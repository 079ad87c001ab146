import { format } from 'prettier'
import { formatRequests, titles, type BenchRun, type Measurement } from '../bench/bench-run.js'
import type { RequestCounts } from '../rig/count-requests.js'
import { addOnNames, type Size, type Sizes } from './measure-size.js'
import { idleTimers, requestFigures, transactionFigures } from './request-figures.js'

/** Where the README's figures begin and end. */
export const markers = { start: '<!-- figures:start -->', end: '<!-- figures:end -->' } as const

/** One row of the README's second table. */
interface Row {
  title: string
  requests: RequestCounts
  /** The number of transactions on IndexedDB, if a test holds it. */
  transactions?: number
  /** How the bench calls it, if it measures the time. */
  measurement?: Measurement
}

const rows: Row[] = [
  {
    title: 'popup login, the first in a browser',
    requests: requestFigures.coldLogin,
    transactions: transactionFigures.coldLogin,
  },
  {
    title: 'popup login with a session at the server, click to token',
    requests: requestFigures.warmLogin,
    transactions: transactionFigures.warmLogin,
    measurement: 'popupLogin',
  },
  {
    title: 'return of a redirect login, the first in a browser',
    requests: requestFigures.coldRedirectCallback,
    transactions: transactionFigures.coldRedirectCallback,
  },
  {
    title: 'return of a later redirect login',
    requests: requestFigures.warmRedirectCallback,
    transactions: transactionFigures.warmRedirectCallback,
  },
  {
    title: 'reload with a live session, `createClient` to the first token',
    requests: requestFigures.reload,
    transactions: transactionFigures.reload,
    measurement: 'reload',
  },
  {
    title: '`getToken`, cached',
    requests: requestFigures.cachedToken,
    transactions: transactionFigures.cachedToken,
    measurement: 'cachedToken',
  },
  {
    title: 'renewal by refresh token',
    requests: requestFigures.refresh,
    transactions: transactionFigures.refresh,
    measurement: 'refresh',
  },
  { title: 'renewal by hidden iframe', requests: requestFigures.iframe, measurement: 'iframe' },
  {
    title: `an idle page, logged in, in a minute: ${idleTimers || 'no'} timer fires`,
    requests: requestFigures.idle,
  },
]

/** Builds the README's figures as Markdown, without the markers. Times are left out when no run of the bench was kept. */
export async function buildReadmeBlock(
  { client, lazy, addOns, addedToStart, global, workerFile, callbackPage, logoutPage }: Sizes,
  bench: BenchRun | undefined,
): Promise<string> {
  const browsers = bench?.browsers ?? []
  const sizeTable = [
    ['', 'brotli', 'minified', 'start of `latchkey/lazy`'],
    ['`createClient` with its defaults, both dependencies included', ...formatSize(client), ''],
    ['`createClient` of `latchkey/lazy`, with each page', ...formatSize(lazy.start), ''],
    ['and once, when it is needed or the page is idle', ...formatSize(lazy.engine), ''],
    ...addOnNames.map((name) => [
      `\`latchkey/${name}\` adds`,
      ...formatSize(addOns[name]),
      `+${formatBytes(addedToStart[name])}`,
    ]),
    ['`latchkey.global.js`, for a script tag', ...formatSize(global), ''],
    ['`worker.js`, the file of a worker that holds the session', ...formatSize(workerFile), ''],
    ['`callback.html` and `callback.js` together', ...formatSize(callbackPage), ''],
    ['`logout.html` and `logout.js` together', ...formatSize(logoutPage), ''],
  ]
  const requestTable = [
    [
      '',
      'requests to the server',
      'IndexedDB transactions',
      ...browsers.map(({ name }) => `${name[0]!.toUpperCase()}${name.slice(1)}`),
    ],
    ...rows.map(({ title, requests, transactions, measurement }) => [
      title,
      formatRequests(requests),
      `${transactions ?? ''}`,
      ...browsers.map(({ figures }) => (measurement ? formatTime(figures[measurement]) : '')),
    ]),
  ]
  const parts = [formatTable(sizeTable), formatTable(requestTable)]
  if (bench) {
    const sentences = [describeBench(bench)]
    if (bench.baseline) sentences.push(describeBaseline(bench.baseline))
    parts.push(sentences.join(' '))
  }
  return (await format(parts.join('\n\n'), { parser: 'markdown' })).trim()
}

/** Takes out what stands between the markers; undefined when one is missing. */
export function extractBlock(readme: string): string | undefined {
  const start = readme.indexOf(markers.start)
  const end = readme.indexOf(markers.end)
  return start < 0 || end < start ? undefined : readme.slice(start + markers.start.length, end).trim()
}

/** Puts a block between the markers. */
export function replaceBlock(readme: string, block: string): string {
  const old = extractBlock(readme)
  if (old === undefined) throw new Error(`the README has no ${markers.start} and ${markers.end}`)
  const [before, after] = [
    readme.slice(0, readme.indexOf(markers.start)),
    readme.slice(readme.indexOf(markers.end)),
  ]
  return `${before}${markers.start}\n\n${block}\n\n${after}`
}

function formatSize({ raw, brotli }: Size): string[] {
  return [brotli, raw].map(formatBytes)
}

/** To 0.1 kB, of 1,000 bytes. */
function formatBytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}

function formatTime({ unit, median }: BenchRun['browsers'][number]['figures'][Measurement]): string {
  return `${median} ${unit}`
}

function describeBench({ date, node, versions, browsers }: BenchRun): string {
  const engines = browsers
    .map(({ name, version }) => `${name[0]!.toUpperCase()}${name.slice(1)} ${version}`)
    .join(' and ')
  const calls = browsers.map(({ figures }) => formatTime(figures.doNothing)).join(' and ')
  return `Times are medians of \`npm run bench\` with the server on the same machine: ${engines}, oidc-provider ${versions['oidc-provider']}, Node ${node.replace('v', '')}, ${date}. Beside them, ${titles.doNothing} took ${calls}.`
}

function describeBaseline({ name, browsers }: NonNullable<BenchRun['baseline']>): string {
  const times = rows.flatMap(({ title, measurement }) => {
    if (!measurement) return []
    const [short] = title.split(',')
    return `${short} ${browsers.map(({ figures }) => formatTime(figures[measurement])).join(' and ')}`
  })
  return `In the same run, ${name} took: ${times.join('; ')}.`
}

function formatTable(table: string[][]): string {
  const [head = [], ...body] = table
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '--:'))), ...body.map(line)].join(
    '\n',
  )
}

/** A table without its column widths: the formatter aligns tables. */
export function normalize(markdown: string): string {
  return markdown.replace(/-{2,}/g, '--').replace(/\s+/g, ' ')
}
