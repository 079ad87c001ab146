import { join, relative } from 'node:path'
import {
  isFunctionTypeNode,
  isMethodDeclaration,
  isMethodSignatureDeclaration,
  isTypeLiteralNode,
  isTypeReferenceNode,
} from 'typescript/unstable/ast/is'
import type { FunctionDeclaration, Node, VariableDeclaration } from 'typescript/unstable/ast'
import { SymbolFlags, type Symbol } from 'typescript/unstable/sync'
import type { OpenProgram } from './open-program.js'

/**
 * What a public name is to an app: a `call` that it makes, an `option` that it gives, a `port` that it implements or passes on,
 * or a `fact` that it reads.
 */
export type Role = 'call' | 'option' | 'port' | 'fact'

/** A public name with what its JSDoc says. */
export interface Documented {
  /** `login` of `Client` is `Client.login`. */
  name: string
  /** The path of the file that declares it. */
  at: string
  /** The declaration itself. */
  node: Node
  role: Role
  /** The JSDoc without its tags. */
  text: string
  tags: { name: string; text: string }[]
}

/** Interfaces with methods that are no calls of an app: it implements them, or passes them on. */
const ports = /^(Store|DPoPCapability|OverlayCapability|SeedPage|SeedRoute|VitePlugin)$/

/** Types of what a client gives out, and that a test may give to a test client. */
const facts = /^(State|Claims|InitialState)$/

/**
 * Lists all that entries export, members included. Which interfaces hold options is not written down anywhere: they are what
 * the parameters of the calls lead to, so that a new one is found by itself.
 */
export function readPublicDocs(
  { program, checker, project, root }: OpenProgram,
  entries: string[],
): Documented[] {
  const seen = new Set<Symbol>()
  const visited = new Set<Symbol>()
  const found: Documented[] = []

  const nodesOf = (symbol: Symbol) => symbol.declarations.flatMap((handle) => handle.resolve(project) ?? [])
  const pathOf = (node: Node | undefined) => relative(root, node?.getSourceFile().fileName ?? '')
  const isOurs = (symbol: Symbol) => nodesOf(symbol).some((node) => !/^\.\.|node_modules/.test(pathOf(node)))
  const resolve = (symbol: Symbol) =>
    symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

  /** Notes a name down; false when that was done before, or it is not for apps. */
  const note = (symbol: Symbol, name: string, role: Role): boolean => {
    const tags = checker.getJsDocTagsOfSymbol(symbol).map((tag) => ({ name: tag.name, text: tag.text ?? '' }))
    // A private field (`#field`) is nobody's but the class's.
    const isPrivate = symbol.name.includes('#')
    if (seen.has(symbol) || isPrivate || !isOurs(symbol) || tags.some((tag) => tag.name === 'internal'))
      return false
    seen.add(symbol)
    const text = checker.getDocumentationCommentOfSymbol(symbol)
    const [node] = nodesOf(symbol)
    found.push({ name, at: pathOf(node), node: node!, role, text, tags })
    return true
  }

  /** Finds what a type is made of: interfaces that it refers to, and literals. What a function takes is not given by an app. */
  const partsOf = (type: Node): (Symbol | Node)[] => {
    if (isFunctionTypeNode(type)) return []
    if (isTypeLiteralNode(type)) return [type]
    const parts: (Symbol | Node)[] = []
    if (isTypeReferenceNode(type)) {
      const symbol = checker.getSymbolAtLocation(type.typeName)
      if (symbol) parts.push(resolve(symbol))
    }
    type.forEachChild((child) => void parts.push(...partsOf(child)))
    return parts
  }

  const isMethod = (node: Node) => isMethodSignatureDeclaration(node) || isMethodDeclaration(node)

  const visitMember = (symbol: Symbol, name: string, role: Role) => {
    const [node] = nodesOf(symbol)
    if (!node) return
    const own = role === 'fact' && isMethod(node) ? 'call' : role
    if (!note(symbol, name, own)) return
    if (own === 'call') visitParameters(node, name)
    else if (own !== 'port' && 'type' in node && node.type) visitType(node.type as Node, name, own)
  }

  /** Visits what the type of an option leads to, or the literals in that of a fact. */
  const visitType = (type: Node, name: string, role: Role) => {
    for (const part of partsOf(type)) {
      if (!('escapedName' in part)) visitLiteral(part, name, role)
      else if (role !== 'option' || visited.has(part) || facts.test(part.name)) continue
      else if (part.flags & SymbolFlags.Interface) visitInterface(part, role)
      else if (part.flags & SymbolFlags.TypeAlias && isOurs(part)) {
        visited.add(part)
        for (const node of nodesOf(part)) if ('type' in node) visitType(node.type as Node, part.name, role)
      }
    }
  }

  const visitLiteral = (type: Node, name: string, role: Role) => {
    if (!isTypeLiteralNode(type)) return
    for (const member of type.members) {
      const { name: node } = member as { name?: Node }
      const symbol = node && checker.getSymbolAtLocation(node)
      if (symbol) visitMember(symbol, `${name}.${symbol.name}`, role)
    }
  }

  const propertiesOf = (symbol: Symbol) =>
    checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))

  const visitInterface = (symbol: Symbol, given: Role) => {
    // A client that is given to a call is still one that calls are made on.
    const role = ports.test(symbol.name) ? 'port' : returned.has(symbol) ? 'fact' : given
    if (!note(symbol, symbol.name, role === 'port' ? role : 'fact')) return
    for (const property of propertiesOf(symbol))
      visitMember(property, `${property.getParent()?.name ?? symbol.name}.${property.name}`, role)
  }

  const visitParameters = (node: Node, name: string) => {
    const { parameters = [] } = node as Partial<FunctionDeclaration>
    for (const { type, name: parameter } of parameters)
      if (type) visitType(type, `${name} ${parameter.getText()}`, 'option')
  }

  const exported = entries.flatMap((entry) => {
    const file = program.getSourceFile(join(root, entry))
    const module = file && checker.getSymbolAtLocation(file)
    return module ? checker.getExportsOfModule(module).map(resolve) : []
  })
  const functions = exported.flatMap((symbol) => {
    if (!(symbol.flags & (SymbolFlags.Function | SymbolFlags.Variable))) return []
    const [node] = nodesOf(symbol)
    const { initializer } = node as Partial<VariableDeclaration>
    return node ? { symbol, node: initializer ?? node } : []
  })
  const returned = new Set(
    functions.flatMap(({ node }) => ('type' in node && node.type ? partsOf(node.type as Node) : [])),
  )
  const isShape = ({ flags }: Symbol) => !!(flags & (SymbolFlags.Interface | SymbolFlags.Class))
  // First what calls lead to: the rest are facts.
  for (const { symbol, node } of functions)
    if (note(symbol, symbol.name, 'call')) visitParameters(node, symbol.name)
  for (const symbol of exported) if (returned.has(symbol)) visitInterface(symbol, 'fact')
  for (const symbol of exported)
    if (isShape(symbol)) visitInterface(symbol, 'fact')
    else note(symbol, symbol.name, 'fact')
  return found
}
