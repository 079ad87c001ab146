import { posix } from 'node:path'
import { parseSync } from 'vite'

const core = ['base', 'api', 'protocol', 'browser', 'vault', 'session', 'fetch', 'login']

/** Which rooms a room may import from. A file of a room may always import its neighbours. */
const arrows: Record<string, string[]> = {
  base: [],
  api: ['base'],
  protocol: ['base', 'api'],
  browser: ['base', 'api'],
  vault: ['base', 'api', 'protocol', 'browser'],
  session: ['base', 'api', 'protocol', 'browser', 'vault'],
  fetch: ['base', 'api', 'protocol', 'browser', 'vault', 'session'],
  login: ['base', 'api', 'protocol', 'browser', 'vault', 'session', 'fetch'],
  // The core never imports from here.
  'add-ons': core,
  'config.ts': core,
  'engine.ts': core,
  'lazy-engine.ts': [...core, 'engine.ts'],
  'client-calls.ts': [...core, 'config.ts', 'engine.ts'],
  'client.ts': [...core, 'config.ts', 'engine.ts', 'client-calls.ts'],
  'index.ts': [...core, 'client.ts', 'engine.ts'],
  'lazy.ts': ['api', 'client.ts', 'engine.ts', 'lazy-engine.ts'],
  'callback.ts': ['browser/messages/response-relay.ts'],
  'dpop.ts': ['base', 'api', 'add-ons'],
  'exchange.ts': ['add-ons'],
  'external.ts': ['base', 'api', 'add-ons'],
  'id-token.ts': ['add-ons'],
  'idle.ts': ['add-ons'],
  'initiated-login.ts': ['add-ons'],
  'logout-page.ts': ['browser', 'vault'],
  'overlay.ts': ['base', 'api', 'add-ons'],
  'session-watch.ts': ['add-ons'],
  'userinfo.ts': ['add-ons'],
  'worker.ts': ['base', 'api', 'add-ons'],
  worker: ['add-ons'],
  // Bindings see what an app sees, and nothing below it.
  bindings: ['base', 'api', 'index.ts'],
  'react.ts': ['base', 'api', 'bindings', 'index.ts'],
  angular: ['base', 'api', 'bindings', 'index.ts'],
  'angular.ts': ['angular'],
  'vue.ts': ['base', 'api', 'bindings', 'index.ts'],
  'svelte.ts': ['base', 'api', 'bindings', 'index.ts'],
  'solid.ts': ['base', 'api', 'bindings', 'index.ts'],
  element: ['base', 'api', 'index.ts'],
  'element.ts': ['element'],
  'global.ts': ['base', 'api', 'index.ts', 'element'],
  // A test client is made of the client's own decisions, and a seeded session of its own records: neither can drift.
  testing: [...core, 'config.ts'],
  'testing.ts': ['base', 'api', 'testing'],
  // For Node: they run beside the browser, not in it.
  'vite.ts': [],
  doctor: ['base', 'api', 'protocol', 'add-ons/dpop/prover.ts'],
}

/** The rooms whose code may call a package. Its types may be named elsewhere, but for the rooms under `notIn`. */
const packages: Record<string, { rooms: string[]; notIn: string[]; isPeer?: true }> = {
  oauth4webapi: { rooms: ['protocol', 'add-ons'], notIn: ['browser', 'callback.ts'] },
  'idb-keyval': { rooms: ['browser'], notIn: ['base', 'protocol', 'vault', 'session', 'callback.ts'] },
  react: { rooms: ['react.ts'], notIn: Object.keys(arrows), isPeer: true },
  vue: { rooms: ['vue.ts'], notIn: Object.keys(arrows), isPeer: true },
  svelte: { rooms: ['svelte.ts'], notIn: Object.keys(arrows), isPeer: true },
  'svelte/store': { rooms: ['svelte.ts'], notIn: Object.keys(arrows), isPeer: true },
  'solid-js': { rooms: ['solid.ts'], notIn: Object.keys(arrows), isPeer: true },
  '@angular/core': { rooms: ['angular'], notIn: Object.keys(arrows), isPeer: true },
  '@angular/common': { rooms: ['angular'], notIn: Object.keys(arrows), isPeer: true },
  '@angular/router': { rooms: ['angular'], notIn: Object.keys(arrows), isPeer: true },
  rxjs: { rooms: ['angular'], notIn: Object.keys(arrows), isPeer: true },
}

/** The rooms that run in Node, and may import from it. */
const nodeRooms = ['vite.ts', 'doctor']

const pageGlobals = [
  ...[
    'window',
    'self',
    'document',
    'location',
    'history',
    'navigator',
    'screen',
    'parent',
    'opener',
    'open',
    'close',
  ],
  ...['localStorage', 'sessionStorage', 'indexedDB', 'caches', 'BroadcastChannel', 'postMessage'],
  ...['addEventListener', 'removeEventListener', 'dispatchEvent', 'alert', 'confirm'],
]
const timers = ['setTimeout', 'setInterval', 'requestAnimationFrame', 'requestIdleCallback']

const nodeGlobals = ['process', 'Buffer', 'global', '__dirname', '__filename', 'setImmediate', 'require']

/** Globals that a room does without: what it needs of them is handed to it. */
const forbiddenGlobals: Record<string, string[]> = {
  base: pageGlobals,
  api: pageGlobals,
  protocol: [...pageGlobals, ...timers, 'fetch', 'XMLHttpRequest', 'WebSocket'],
}

const longestFile = 300
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/
const emptyName = /(^|[-/])(utils?|helpers?|common|misc|shared|managers?)([-./]|$)/
const platformClasses = /(Error|Event|EventTarget|HTMLElement)$/

/** Checks one source file, named by its path in `src`, against the rules of this repository. Returns the problems. */
export function checkSourceFile(path: string, source: string): string[] {
  const room = roomOf(path)
  const tree = parseSync(path, source, { lang: 'ts', sourceType: 'module' })
  if (tree.errors.length > 0) return [`${path}: cannot be parsed: ${tree.errors[0]!.message}`]
  const body = tree.program.body as unknown as Node[]
  const found = [
    ...checkName(path, source),
    ...(room in arrows ? [] : [`has no place in the layers: add "${room}" to the arrows, or move the file`]),
    ...findImports(body).flatMap((one) => checkImport(path, room, one)),
    ...body.flatMap(checkStatement),
    ...findGlobals(body, globalsNotFor(room)).map((name) => `"${room}" uses the global "${name}"`),
  ]
  return found.map((problem) => `${path}: ${problem}`)
}

/** Finds the files that import each other in a circle, types included; `sources` by path in `src`. One line a circle. */
export function findCycles(sources: Record<string, string>): string[] {
  const targets = new Map<string, string[]>()
  for (const [path, source] of Object.entries(sources)) {
    const { program } = parseSync(path, source, { lang: 'ts', sourceType: 'module' })
    const imports = findImports(program.body as unknown as Node[])
      .filter(({ from }) => from.startsWith('.'))
      .map(({ from }) => posix.join(posix.dirname(path), from).replace(/\.js$/, '.ts'))
    targets.set(path, imports)
  }
  const cycles = new Set<string>()
  const done = new Set<string>()
  const visit = (path: string, trail: string[]) => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      const circle = trail.slice(start)
      // Named from its first file in alphabetical order, so that each circle is one line.
      const first = circle.indexOf([...circle].sort()[0]!)
      cycles.add([...circle.slice(first), ...circle.slice(0, first)].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of targets.keys()) visit(path, [])
  return [...cycles].sort()
}

/** What `latchkey/lazy` must not load with its start: the engine, and the protocol library that only the engine calls. */
const notInStart = ['engine.ts', 'oauth4webapi']

/**
 * Finds what a file loads at once, by its imports of values, that is not for the start of a client; `sources` by path in `src`. One line
 * for each way there.
 */
export function findEngineInStart(sources: Record<string, string>, entry: string): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: string[]) => {
    if (notInStart.includes(path)) return void found.push([...trail, path].join(' → '))
    const source = sources[path]
    if (done.has(path) || source === undefined) return
    done.add(path)
    const { program } = parseSync(path, source, { lang: 'ts', sourceType: 'module' })
    for (const { from, typeOnly, isLate } of findImports(program.body as unknown as Node[])) {
      if (typeOnly || isLate) continue
      const target = posix.join(posix.dirname(path), from).replace(/\.js$/, '.ts')
      visit(from.startsWith('.') ? target : from, [...trail, path])
    }
  }
  visit(entry, [])
  return found
}

/** Checks that the package has its two dependencies at run time, and that the frameworks it binds to are optional. */
export function checkDependencies(manifest: object): string[] {
  const namesIn = (field: string) => {
    const value: unknown = (manifest as Record<string, unknown>)[field] ?? {}
    return Array.isArray(value) ? (value as string[]) : Object.keys(value as object)
  }
  const fields = ['dependencies', 'optionalDependencies', 'bundleDependencies', 'bundledDependencies']
  const names = fields.flatMap(namesIn)
  const peers = namesIn('peerDependencies')
  const { peerDependenciesMeta: meta = {} } = manifest as {
    peerDependenciesMeta?: Record<string, { optional?: boolean }>
  }
  const needed = Object.keys(packages).filter((name) => !packages[name]!.isPeer)
  return [
    ...names
      .filter((name) => !needed.includes(name))
      .concat(peers.filter((name) => !packages[name]?.isPeer))
      .map((name) => `package.json: "${name}" is one dependency too many`),
    ...needed.filter((name) => !names.includes(name)).map((name) => `package.json: "${name}" is missing`),
    ...peers
      .filter((name) => packages[name]?.isPeer && !meta[name]?.optional)
      .map((name) => `package.json: "${name}" is not optional`),
  ]
}

interface Node {
  type: string
  [field: string]: unknown
}

interface Import {
  from: string
  typeOnly: boolean
  /** Whether it is loaded later: `import()`. */
  isLate: boolean
}

function roomOf(path: string): string {
  return path.split('/')[0]!
}

function globalsNotFor(room: string): Set<string> {
  return new Set([...(forbiddenGlobals[room] ?? []), ...(nodeRooms.includes(room) ? [] : nodeGlobals)])
}

function checkName(path: string, source: string): string[] {
  const lines = source.trimEnd().split('\n').length
  return [
    ...(lines > longestFile ? [`has ${lines} lines, more than ${longestFile}: it has become two`] : []),
    ...(path
      .split('/')
      .slice(0, -1)
      .every((folder) => kebabCase.test(`${folder}.x`)) && kebabCase.test(posix.basename(path))
      ? []
      : ['is not named in kebab-case']),
    ...(emptyName.test(path) ? ['has a name that says nothing: name it for what it exports'] : []),
    ...(path.endsWith('/index.ts') ? ['is an index.ts below the root'] : []),
  ]
}

function checkImport(path: string, room: string, { from, typeOnly }: Import): string[] {
  if (!from.startsWith('.')) {
    // `@angular/common/http` is a part of `@angular/common`.
    const rule = packages[from] ?? packages[from.split('/').slice(0, 2).join('/')]
    if (from.startsWith('node:') && nodeRooms.includes(room)) return []
    if (!rule) return [`imports "${from}": only ${Object.keys(packages).join(', ')} may be imported`]
    const allowed = rule.rooms.includes(room) || (typeOnly && !rule.notIn.includes(room))
    return allowed ? [] : [`imports "${from}", which is for "${rule.rooms.join('" and "')}" alone`]
  }
  const target = posix.join(posix.dirname(path), from).replace(/\.js$/, '.ts')
  const targetRoom = roomOf(target)
  const isNeighbour = targetRoom === room && path !== room
  const allowed = isNeighbour || arrows[room]?.includes(targetRoom) || arrows[room]?.includes(target)
  return allowed ? [] : [`imports "${target}": no arrow goes from "${room}" to "${targetRoom}"`]
}

/** Finds all imports: statements, re-exports, `import()` and the types that are written as one. */
function findImports(body: Node[]): Import[] {
  const found: Import[] = []
  walk(body, (node) => {
    const source = node['source'] as Node | null | undefined
    const isTypeImport = node.type === 'TSImportType'
    const isImport = [
      'ImportDeclaration',
      'ExportNamedDeclaration',
      'ExportAllDeclaration',
      'ImportExpression',
    ]
    if (!isTypeImport && !isImport.includes(node.type)) return
    if (!source) return
    const specifiers = (node['specifiers'] ?? []) as Node[]
    const kindOf = (one: Node) => (one['importKind'] ?? one['exportKind']) as string | undefined
    const typeOnly =
      isTypeImport ||
      kindOf(node) === 'type' ||
      (specifiers.length > 0 && specifiers.every((one) => kindOf(one) === 'type'))
    found.push({
      from: typeof source['value'] === 'string' ? source['value'] : '(computed)',
      typeOnly,
      isLate: node.type === 'ImportExpression',
    })
  })
  return found
}

/** Checks the shape of a statement of the module itself. */
function checkStatement(statement: Node): string[] {
  if (statement.type === 'ExportDefaultDeclaration') return ['has a default export']
  const exported = statement['declaration'] as Node | null | undefined
  const node = statement.type === 'ExportNamedDeclaration' && exported ? exported : statement
  if (node.type === 'TSEnumDeclaration') return ['declares an enum']
  if (node.type === 'TSModuleDeclaration' && node['kind'] !== 'global') return ['declares a namespace']
  if (node.type === 'ClassDeclaration') {
    const { name } = (node['superClass'] ?? {}) as { name?: string }
    return platformClasses.test(name ?? '') ? [] : ['declares a class that the platform does not ask for']
  }
  if (node.type !== 'VariableDeclaration' || node['declare'] === true) return []
  if (node['kind'] !== 'const')
    return [`has a "${String(node['kind'])}" at module level: state that all clients would share`]
  const declared = node['declarations'] as Node[]
  return declared.some(({ init }) => isEmptyCollection(init as Node | null))
    ? ['has an empty collection at module level: state that all clients would share']
    : []
}

function isEmptyCollection(init: Node | null): boolean {
  if (init?.type === 'NewExpression') {
    const { name } = init['callee'] as { name?: string }
    return /^(Weak)?(Map|Set)$/.test(name ?? '') && (init['arguments'] as Node[]).length === 0
  }
  return (
    (init?.type === 'ArrayExpression' && (init['elements'] as Node[]).length === 0) ||
    (init?.type === 'ObjectExpression' && (init['properties'] as Node[]).length === 0)
  )
}

/** Finds uses of globals by their bare name or as a property of `globalThis`. A name that the file declares is its own. */
function findGlobals(body: Node[], names: Set<string>): string[] {
  if (names.size === 0) return []
  const used = new Set<string>()
  const declared = new Set<string>()
  walkValues(body, (node, isDeclared) => {
    const name = node['name'] as string
    if (isDeclared) declared.add(name)
    else if (names.has(name)) used.add(name)
  })
  walk(body, (node) => {
    if (node.type !== 'MemberExpression' || (node['object'] as Node)['name'] !== 'globalThis') return
    const property = node['property'] as Node
    const name = (property['name'] ?? property['value']) as string
    if (names.has(name)) used.add(`globalThis.${name}`)
  })
  return [...used].filter((name) => !declared.has(name))
}

/** Fields that hold names which are no variables, and those that hold names which come into being there. */
const plainNames: Record<string, string> = {
  MemberExpression: 'property',
  Property: 'key',
  MethodDefinition: 'key',
  PropertyDefinition: 'key',
}
const declaring: Record<string, string[]> = {
  VariableDeclarator: ['id'],
  FunctionDeclaration: ['id', 'params'],
  FunctionExpression: ['id', 'params'],
  ArrowFunctionExpression: ['params'],
  ClassDeclaration: ['id'],
  CatchClause: ['param'],
  ImportSpecifier: ['local'],
}
const valueWrappers = [
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSInstantiationExpression',
]

/** Visits every name that stands for a value. */
function walkValues(
  value: unknown,
  visit: (identifier: Node, isDeclared: boolean) => void,
  isDeclared = false,
): void {
  if (Array.isArray(value)) return value.forEach((one) => walkValues(one, visit, isDeclared))
  if (!isNode(value)) return
  if (value.type === 'Identifier') return visit(value, isDeclared)
  if (value.type.startsWith('TS') && !valueWrappers.includes(value.type)) return
  for (const [field, child] of Object.entries(value)) {
    if (plainNames[value.type] === field && value['computed'] !== true) continue
    if (value.type.startsWith('Export') && field === 'specifiers' && value['source']) continue
    if (value.type === 'ImportSpecifier' && field === 'imported') continue
    // The default of a parameter is an ordinary value again.
    const isDefault = value.type === 'AssignmentPattern' && field === 'right'
    walkValues(child, visit, declaring[value.type]?.includes(field) || (isDeclared && !isDefault))
  }
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) return value.forEach((one) => walk(one, visit))
  if (!isNode(value)) return
  visit(value)
  for (const child of Object.values(value)) walk(child, visit)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}
