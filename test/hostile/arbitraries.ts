import fc from 'fast-check'

/** Texts that parsers get wrong: empty, blank, with control characters, lone surrogates, or the names of inherited members. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-1',
    '1e3',
    '1e999',
    'null',
    'true',
    '\0',
    '\r\nx: y',
    '\ud800',
    '\udfff\ud800',
  ),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'ｓｔａｔｅ',
    '%00',
    '%',
    '+',
    '&',
    '#',
  ),
  fc.constantFrom(
    'javascript:alert(1)',
    'http://id.example',
    'https://id.example@evil.example',
    '//evil.example',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 20 }),
  fc.integer({ min: 1, max: 5000 }).map((length) => 'x'.repeat(length)),
)

/** Values of every JSON type, biased to those that a check by coercion would let through. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -0,
    -1,
    1,
    0.5,
    1e300,
    -1e300,
    2 ** 53,
    4e9,
    [],
    {},
    [[]],
    [null],
    [''],
  ),
  // Neither of them can be coerced to a text or a number.
  fc.constantFrom({ toString: 1, valueOf: 1 }, { toString: null }, [{ toString: 'x', valueOf: 'x' }]),
  fc.constantFrom(
    { length: 3 },
    { constructor: { prototype: {} } },
    JSON.parse('{"__proto__":{"polluted":1}}'),
  ),
  fc.integer({ min: 50, max: 400 }).map(nest),
  fc.jsonValue({ maxDepth: 2 }),
)

/** A list in a list, and so on. */
function nest(levels: number): unknown {
  let value: unknown = 'deep'
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { a: value }
  return value
}

interface Edit {
  kind: 'drop' | 'replace' | 'wrap' | 'quote' | 'alter' | 'add' | 'rename' | 'repeat'
  at: number
  key: string
  value: unknown
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('drop', 'replace', 'replace', 'wrap', 'quote', 'alter', 'add', 'rename', 'repeat'),
  at: fc.nat(1000),
  key: fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString', 'length', 'error', 'state'), oddText),
  value: oddValue,
})

/** Generates copies of a valid JSON value with up to four changes: types swapped, members dropped, added, renamed, wrapped, altered. */
export function mutationsOf<T>(sample: T): fc.Arbitrary<T> {
  return fc.array(edit, { maxLength: 4 }).map((edits) => {
    const root = { value: structuredClone(sample) }
    for (const one of edits) apply(root, { ...one, value: structuredClone(one.value) })
    return root.value
  })
}

type Holder = Record<string, unknown>

/** Lists every member of a value, however deep, up to 200 of them. */
function listMembers(holder: Holder, found: [Holder, string][] = []): [Holder, string][] {
  for (const key of Object.keys(holder)) {
    if (found.length > 200) break
    found.push([holder, key])
    const value = holder[key]
    if (isPlain(value)) listMembers(value, found)
  }
  return found
}

function isPlain(value: unknown): value is Holder {
  return (
    Array.isArray(value) || (Object(value) === value && Object.getPrototypeOf(value) === Object.prototype)
  )
}

function apply(root: Holder, { kind, at, key, value }: Edit): void {
  const members = listMembers(root)
  const [holder, name] = members[at % members.length] ?? [root, 'value']
  const old = holder[name]
  if (kind === 'drop' && holder !== root) delete holder[name]
  if (kind === 'replace') set(holder, name, value)
  if (kind === 'wrap') set(holder, name, [old])
  if (kind === 'quote')
    set(holder, name, typeof old === 'string' ? JSON.stringify(old) : String(JSON.stringify(old)))
  if (kind === 'alter') set(holder, name, alter(old, at, key))
  if (kind === 'add') set(isPlain(old) ? old : holder, key, value)
  if (kind === 'rename' && holder !== root) {
    delete holder[name]
    set(holder, key, old)
  }
  if (kind === 'repeat') set(holder, name, typeof old === 'string' ? old + old : [old, old])
}

/** Defines the member itself: an assignment to `__proto__` would change the prototype. */
function set(holder: Holder, name: string, value: unknown): void {
  // Neither of them comes out of JSON.parse.
  if (Array.isArray(holder) && /^(length|constructor)$/.test(name)) return
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true })
}

/** Changes a value a little, so that only an exact comparison notices. */
function alter(value: unknown, at: number, key: string): unknown {
  if (typeof value === 'number') return value + ((at % 3) - 1)
  if (typeof value !== 'string') return value
  const place = at % (value.length + 1)
  const variants = [
    value.slice(0, place) + key + value.slice(place),
    value.slice(0, place) + value.slice(place + 1),
    value.toUpperCase(),
    ` ${value}`,
    `${value}\n`,
    `${value}/`,
    `${value}\0`,
  ]
  return variants[at % variants.length]
}

/** Generates copies of a valid list of parameters: some repeated, dropped, renamed, altered or added. */
export function parameterListsOf(sample: [string, string][]): fc.Arbitrary<[string, string][]> {
  return mutationsOf(sample).map((list) =>
    Array.from(Array.isArray(list) ? list : []).filter(
      (pair): pair is [string, string] =>
        Array.isArray(pair) &&
        pair.length === 2 &&
        typeof pair[0] === 'string' &&
        typeof pair[1] === 'string',
    ),
  )
}

/** Generates copies of a valid text with up to three changes, other texts among them. */
export function textsLike(sample: string): fc.Arbitrary<string> {
  return mutationsOf([sample]).map((list) =>
    Array.isArray(list) && typeof list[0] === 'string' ? list[0] : sample,
  )
}
