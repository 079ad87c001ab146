import { element } from './element.js'

/** Shows claims as a list of names and values; without claims, shows the text `otherwise`. */
export function showClaims(
  place: HTMLElement,
  claims: Record<string, unknown> | null,
  otherwise: string,
): void {
  if (!claims) return place.replaceChildren(element('p', { class: 'empty' }, otherwise))
  const rows = Object.entries(claims).map(([name, value]) =>
    element(
      'div',
      {},
      element('dt', {}, ...breakable(name)),
      element('dd', {}, ...describeClaim(name, value)),
    ),
  )
  place.replaceChildren(element('dl', { class: 'claims' }, ...rows))
}

/** Allows a line break after each `_`: `authorization_details` is wider than its column. */
function breakable(name: string): (Node | string)[] {
  return name.split(/(?<=_)/).flatMap((part) => [part, element('wbr')])
}

/** The registered claims whose values are seconds since 1970. */
const times = new Set(['iat', 'exp', 'nbf', 'auth_time', 'updated_at'])

function describeClaim(name: string, value: unknown): (Node | string)[] {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (!times.has(name) || typeof value !== 'number') return [text]
  const date = new Date(value * 1000)
  const spoken = date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
  return [text, element('time', { datetime: date.toISOString() }, spoken)]
}
