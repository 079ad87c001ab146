import { readFileSync } from 'node:fs'
import type { JSONReport, JSONReportSpec, JSONReportSuite, JSONReportTest } from '@playwright/test/reporter'
import type { Row } from './matrix.js'

/** Annotations of a test: what the server answered, for its cell of the matrix; and the browser it ran in. */
export const annotationTypes = { note: 'matrix', engine: 'engine' }

/** Reads the rows of a matrix, and the engines, from a report of Playwright's. */
export function readReport(file: string): { engines: string[]; rows: Record<string, Row> } {
  const { suites } = JSON.parse(readFileSync(file, 'utf8')) as JSONReport
  const specs = suites.flatMap(listSpecs)
  // A test has one spec for each engine.
  const byTitle = new Map<string, JSONReportSpec[]>()
  for (const spec of specs) byTitle.set(spec.title, [...(byTitle.get(spec.title) ?? []), spec])
  const rows = [...byTitle].map(([title, same]) => [title, readRow(same.flatMap(({ tests }) => tests))])
  const annotations = specs.flatMap(({ tests }) => tests).flatMap((test) => test.annotations)
  return { engines: describe(annotations, annotationTypes.engine), rows: Object.fromEntries(rows) }
}

function listSpecs({ specs, suites = [] }: JSONReportSuite): JSONReportSpec[] {
  return [...specs, ...suites.flatMap(listSpecs)]
}

function readRow(tests: JSONReportTest[]): Row {
  const annotations = tests.flatMap((test) => test.annotations)
  if (tests.every(({ status }) => status === 'skipped'))
    return { skipped: describe(annotations, 'skip').join('; ') }
  const note = describe(annotations, annotationTypes.note).join('; ')
  return { passed: tests.every(({ status }) => status !== 'unexpected'), ...(note && { note }) }
}

function describe(annotations: JSONReportTest['annotations'], type: string): string[] {
  const ofType = annotations.filter((one) => one.type === type)
  return [...new Set(ofType.map(({ description = '' }) => description))]
}
