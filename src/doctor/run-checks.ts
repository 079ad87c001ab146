import { checkAbilities } from './check-abilities.js'
import { checkCors } from './check-cors.js'
import { checkDiscovery, checkMetadata } from './check-metadata.js'
import { checkPages } from './check-pages.js'
import type { Facts } from './facts.js'
import type { Row } from './row.js'

/** Turns the responses into rows, in the order of the report. Without metadata, only the first checks have rows. */
export function runChecks(facts: Facts): Row[] {
  const rows = checkDiscovery(facts)
  const { metadata } = facts
  return metadata
    ? [
        ...rows,
        ...checkMetadata(facts, metadata),
        ...checkAbilities(facts),
        ...checkCors(facts),
        ...checkPages(facts),
      ]
    : rows
}
