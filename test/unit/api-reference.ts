import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { buildSignature, readAlias, readBases, readMember, readOtherMembers } from './declaration-text.js'
import { openProgram } from './open-program.js'
import { readPublicDocs, type Documented } from './public-docs.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where the reference lies, from the root of the repository. */
export const referencePath = 'docs/api.md'

/** What an app can import: its name there, and the source that it is built from, or the file that it is. */
interface Entry {
  name: string
  source?: string
  file?: string
}

/** A name of an entry, with its members. */
interface Group {
  head: Documented
  members: Documented[]
}

interface Section {
  entry: Entry
  intro: string
  calls: Group[]
  options: Group[]
  types: Group[]
}

/** Builds the reference out of the JSDoc of all entries, in the formatter's form. */
export async function buildReference(): Promise<string> {
  const entries = readEntries()
  const sources = entries.flatMap(({ source }) => source ?? [])
  const program = openProgram(root, sources, {})
  try {
    const seen = new Set<string>()
    const sections = entries.flatMap((entry): Section[] => {
      if (!entry.source) return []
      // What another entry has before is described there.
      const docs = readPublicDocs(program, [entry.source]).filter(
        ({ at, name }) => !seen.has(`${at} ${name}`),
      )
      for (const { at, name } of docs) seen.add(`${at} ${name}`)
      return [{ entry, intro: readIntro(entry.source), ...sort(docs) }]
    })
    const files = entries.filter((entry) => entry.file && !entry.file.endsWith('.json'))
    const path = join(root, referencePath)
    const config = await resolveConfig(path)
    return await format(writeReference(sections, files), { ...config, filepath: path })
  } finally {
    program.close()
  }
}

function readEntries(): Entry[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { types?: string }>
  }
  return Object.entries(exports).map(([path, target]) => {
    const name = path.replace(/^\./, 'latchkey')
    const types = typeof target === 'string' ? undefined : target.types
    const source = types?.replace('./dist/', 'src/').replace('.d.ts', '.ts')
    return typeof target === 'string' ? { name, file: target } : source ? { name, source } : { name }
  })
}

/** Reads what the first comment of an entry says of it, where that is about the file. */
function readIntro(source: string): string {
  const path = join(root, source)
  if (!existsSync(path)) return ''
  const lines = /^(?:\/\/.*\n)+/.exec(readFileSync(path, 'utf8'))?.[0] ?? ''
  return lines.replace(/^\/\/ ?/gm, '').trim()
}

function sort(docs: Documented[]): Omit<Section, 'entry' | 'intro'> {
  const groups = new Map<string, Group>()
  const ownerOf = ({ name }: Documented) => /^\w+/.exec(name)![0]
  for (const head of docs) if (ownerOf(head) === head.name) groups.set(head.name, { head, members: [] })
  for (const one of docs) if (one.name !== ownerOf(one)) groups.get(ownerOf(one))?.members.push(one)
  const all = [...groups.values()]
  const isCall = ({ head, members }: Group) =>
    head.role === 'call' || members.some(({ role }) => role === 'call')
  const isOptions = (group: Group) => !isCall(group) && group.members.some(({ role }) => role === 'option')
  const calls = all.filter(isCall)
  return {
    calls: putMakersFirst(calls),
    options: all.filter(isOptions),
    types: all.filter((group) => !isCall(group) && !isOptions(group)),
  }
}

/** Puts a call that makes something to make calls on first, and what it makes behind it. */
function putMakersFirst(calls: Group[]): Group[] {
  const shapes = calls.filter(({ head }) => head.role !== 'call')
  const made = shapes.flatMap((shape) => {
    const result = new RegExp(`: ${shape.head.name}$`)
    return [...calls.filter(({ head }) => result.test(buildSignature(head.name, head.node))), shape]
  })
  return [...new Set([...made, ...calls])]
}

function writeReference(sections: Section[], files: Entry[]): string {
  const all = sections.flatMap((one) => [...one.calls, ...one.options, ...one.types])
  const names = new Set(all.map(({ head }) => head.name))
  const list = (what: string, groups: Group[]) =>
    groups.length ? `\n  - ${what}: ${groups.map(({ head }) => link(head.name)).join(', ')}` : ''
  const repeated = sections.map((_, index) => findRepeated(sections, index))
  const contents = sections.map(({ entry, calls, options, types }, index) =>
    numberAnchors(
      `- ${link(entry.name)}${list('calls', calls)}${list('options', options)}${list('types', types)}`,
      repeated[index]!,
    ),
  )
  return [
    '# API reference',
    `<!-- Written by docs/write-api.ts out of the doc comments in src: change those, then run "npx tsx docs/write-api.ts". -->`,
    'All that an app can import, by the name that it imports it from. Your editor shows the same text.',
    contents.join('\n'),
    `In the examples of single calls, \`auth\` is a client that was made before, \`button\` a button of the page, and \`show\`
what shows something to the user.`,
    ...sections.map((section, index) => numberAnchors(writeSection(section, names), repeated[index]!)),
    '## Files',
    files
      .map(
        ({ name, file }) =>
          `- \`${name}\`: \`${file!.replace('./', '')}\` of the package, to be copied as it is`,
      )
      .join('\n'),
  ].join('\n\n')
}

/** The names of a section that sections before it have too, with how often: `useAuth` is one of React's and one of Vue's. */
function findRepeated(sections: Section[], index: number): Map<string, number> {
  const namesOf = ({ calls, options, types }: Section) =>
    [...calls, ...options, ...types].map(({ head }) => head.name)
  const before = sections.slice(0, index).flatMap(namesOf)
  const counts = namesOf(sections[index]!).map(
    (name) => [name, before.filter((one) => one === name).length] as const,
  )
  return new Map(counts.filter(([, count]) => count > 0))
}

/** Leads the links of a section to its own headings: the second of one name has an anchor that ends with `-1`. */
function numberAnchors(text: string, repeated: Map<string, number>): string {
  return [...repeated].reduce(
    (result, [name, count]) => result.replaceAll(`](#${anchor(name)})`, `](#${anchor(name)}-${count})`),
    text,
  )
}

function writeSection({ entry, intro, calls, options, types }: Section, names: Set<string>): string {
  const source = `[${entry.source}](../${entry.source})`
  return [
    `## ${entry.name}`,
    intro ? `${intro} ${source}` : source,
    ...calls.map((group) => writeCalls(group, names)),
    ...options.map((group) => writeOptions(group, names)),
    ...types.map((group) => writeType(group, names)),
  ].join('\n\n')
}

function writeCalls({ head, members }: Group, names: Set<string>): string {
  if (head.role === 'call') {
    const options = members.filter(({ role }) => role === 'option')
    const own = options.map((one) => writeOption(one, head.name, names)).join('\n')
    return [writeCall(head, '###', names), own].join('\n\n')
  }
  const facts = members.filter(({ role }) => role !== 'call')
  return [
    `### ${head.name}`,
    head.text,
    writeBases(head, names),
    writeMembers({ head, members: facts }),
    ...members.filter(({ role }) => role === 'call').map((one) => writeCall(one, '####', names)),
  ].join('\n\n')
}

function writeCall(one: Documented, level: string, names: Set<string>): string {
  const signature = buildSignature(one.name.split('.').pop()!, one.node)
  const example = one.tags.find((tag) => tag.name === 'example')?.text
  const footer = [
    ...findNames(signature.slice(signature.indexOf('(')), names).map(link),
    ...sees(one),
    `[source](../${one.at})`,
  ].join(' · ')
  return [
    `${level} ${one.name}`,
    `\`\`\`text\n${breakLong(signature)}\n\`\`\``,
    one.text,
    example ? fence(example) : '',
    footer,
  ].join('\n\n')
}

function writeOptions({ head, members }: Group, names: Set<string>): string {
  const entries = members.map((one) => writeOption(one, head.name, names)).join('\n')
  return [`### ${head.name}`, head.text, writeBases(head, names), entries, `[source](../${head.at})`].join(
    '\n\n',
  )
}

function writeOption(one: Documented, owner: string, names: Set<string>): string {
  const { type, optional } = readMember(one.node)
  const standard = one.tags.find((tag) => tag.name === 'default')?.text.trim()
  const isCode = standard && /^(['"[{\d]|true$|false$|\w+\(\)$)/.test(standard)
  const left = standard
    ? `default ${isCode ? `\`${standard}\`` : standard}`
    : optional
      ? 'optional'
      : '**required**'
  const example = one.tags.find((tag) => tag.name === 'example')?.text ?? ''
  const see = [...findNames(type, names).map(link), ...sees(one)].join(' · ')
  return [
    `- **\`${ownName(one, owner)}\`** ${code(type)}, ${left}`,
    indent(one.text + (see ? ` (${see})` : '')),
    indent(writeShort(example)),
  ].join('\n\n')
}

/** Puts an example of one line beside the imports into the text, a longer one below it. */
function writeShort(example: string): string {
  const lines = example.split('\n').filter((line) => !line.startsWith('import '))
  if (lines.length !== 1) return example ? fence(example) : ''
  const short = lines[0]!.replace("issuer: 'https://id.example.com', clientId: 'spa', ", 'issuer, clientId, ')
  return code(short.replace(/^const auth = (createClient\(.*\))$/, '$1'))
}

function writeType(group: Group, names: Set<string>): string {
  const { head } = group
  const alias = readAlias(head.node)
  const body = alias?.alternatives.length
    ? alias.alternatives.map((one) => `- ${code(one.code)}: ${indent(one.text).trim()}`).join('\n')
    : alias
      ? `\`\`\`text\n${head.name} = ${alias.code}\n\`\`\``
      : writeMembers(group)
  return [`### ${head.name}`, head.text, writeBases(head, names), body, `[source](../${head.at})`].join(
    '\n\n',
  )
}

function writeBases(head: Documented, names: Set<string>): string {
  const bases = readBases(head.node).map((base) => (names.has(base) ? link(base) : code(base)))
  return bases.length ? `Extends ${bases.join(', ')}.` : ''
}

function writeMembers(group: Group): string {
  const others = readOtherMembers(group.head.node).map((one) => `- ${code(one.code)}: ${one.text}`)
  return [...group.members.map((one) => writeMember(one, group)), ...others].join('\n')
}

function writeMember(one: Documented, { head, members }: Group): string {
  const { type, optional } = readMember(one.node)
  const isOpened = members.some(({ name }) => name.startsWith(`${one.name}.`))
  const shown = isOpened ? '{ … }' : type
  const separator = shown && !shown.startsWith('(') ? ': ' : ''
  const depth = one.name.slice(head.name.length + 1).split('.').length - 1
  const name = code(`${ownName(one, head.name)}${optional ? '?' : ''}${separator}${shown}`)
  return `${'  '.repeat(depth)}- ${name}: ${indent(one.text, '  '.repeat(depth + 1)).trim()}`
}

function ownName({ name }: Documented, owner: string): string {
  return name
    .slice(owner.length)
    .replace(/^[. ]/, '')
    .replace(/^options\./, '')
}

function sees({ tags }: Documented): string[] {
  return tags.filter((tag) => tag.name === 'see').map((tag) => tag.text.trim())
}

const anchor = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-')
const link = (name: string) => `[\`${name}\`](#${anchor(name)})`
const findNames = (types: string, names: Set<string>) =>
  [...new Set(types.match(/\b[A-Z]\w+/g))].filter((name) => names.has(name))
const code = (text: string) => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``)
const fence = (text: string) => `\`\`\`ts\n${text.trim()}\n\`\`\``
const indent = (text: string, by = '  ') => text.replace(/^(?=.)/gm, by)

/** Breaks a signature that is too long for a line at its parameters. */
function breakLong(signature: string): string {
  if (signature.length < 100) return signature
  return signature.replace(/^([^(]*)\((.*)\)(: .*)?$/, (_, name, given: string, result = '') => {
    const parts = given.split(/, (?=[.\w]+\??: )/)
    return `${name}(\n  ${parts.join(',\n  ')},\n)${result}`
  })
}
