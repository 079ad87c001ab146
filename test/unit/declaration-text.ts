import {
  isArrowFunction,
  isClassDeclaration,
  isFunctionExpression,
  isGetAccessorDeclaration,
  isInterfaceDeclaration,
  isTypeAliasDeclaration,
  isUnionTypeNode,
} from 'typescript/unstable/ast/is'
import type { FunctionDeclaration, Node, VariableDeclaration } from 'typescript/unstable/ast'

/** One of the alternatives of a type, with what its comment says. */
export interface Alternative {
  code: string
  text: string
}

const comment = /\/\*\*([^]*?)\*\//
const comments = /\/\*\*[^]*?\*\/\s*/g

/** Builds what a call looks like to an app: its parameters with their types, and what comes back. */
export function buildSignature(name: string, node: Node): string {
  const { initializer } = node as Partial<VariableDeclaration>
  const isFunction = initializer && (isArrowFunction(initializer) || isFunctionExpression(initializer))
  const { typeParameters, parameters, type } = (
    isFunction ? initializer : node
  ) as Partial<FunctionDeclaration>
  const result = type ? `: ${textOf(type)}` : ''
  if (!parameters) return `${name}${result}`
  const given = parameters.map((one) => {
    // How a function takes its options apart is its own affair.
    const own = one.name.getText()
    const optional = one.questionToken || one.initializer ? '?' : ''
    const rest = one.dotDotDotToken ? '...' : ''
    return `${rest}${/^\w+$/.test(own) ? own : 'options'}${optional}${one.type ? `: ${textOf(one.type)}` : ''}`
  })
  const generics = typeParameters?.length ? `<${typeParameters.map(textOf).join(', ')}>` : ''
  return `${name}${generics}(${given.join(', ')})${result}`
}

/** Reads the type of a member, and whether it may be left out. */
export function readMember(node: Node): { type: string; optional: boolean } {
  const { type, parameters, questionToken, postfixToken } = node as Partial<FunctionDeclaration> & {
    questionToken?: Node
    postfixToken?: Node
  }
  const optional = !!(questionToken ?? postfixToken)
  // What may be left out may be undefined: nobody needs to be told.
  const readType = (from: Node) =>
    optional
      ? textOf(from)
          .replace(/ \| undefined$/, '')
          .replace(/^\(([^()]*\([^()]*\) => [^()]*)\)$/, '$1')
      : textOf(from)
  return {
    type:
      parameters && !isGetAccessorDeclaration(node)
        ? buildSignature('', node)
        : type
          ? readType(type as Node)
          : '',
    optional,
  }
}

/** Reads what a type stands for: its alternatives where each has a comment, else the code. */
export function readAlias(node: Node): { code: string; alternatives: Alternative[] } | undefined {
  if (!isTypeAliasDeclaration(node)) return undefined
  const { type } = node
  const source = node.getSourceFile().text
  const [, list] = /^\(typeof (\w+)\)\[number\]$/.exec(textOf(type)) ?? []
  // The elements of a list in the same file: shown as the union that an editor shows.
  const elements = list && new RegExp(`const ${list} = \\[(.*)\\] as const`).exec(source)?.[1]
  if (elements) return { code: elements.split(', ').join(' | '), alternatives: [] }
  if (!isUnionTypeNode(type)) return { code: textOf(type), alternatives: [] }
  const alternatives = type.types.map((one, at) => {
    const from = at ? type.types[at - 1]!.getEnd() : type.getFullStart()
    // The comment stands before the bar, which is no part of the alternative.
    const [, said = ''] = comment.exec(source.slice(from, one.getStart())) ?? []
    return { code: textOf(one), text: said.replace(/\n\s*\* ?/g, '\n').trim() }
  })
  return { code: textOf(type), alternatives: alternatives.some(({ text }) => text) ? alternatives : [] }
}

/** Names what a shape has all of, beside its own members. */
export function readBases(node: Node): string[] {
  if (!isInterfaceDeclaration(node) && !isClassDeclaration(node)) return []
  return (node.heritageClauses ?? []).flatMap((clause) => clause.types.map(textOf))
}

/** Reads what a shape says of members that it does not name. */
export function readOtherMembers(node: Node): Alternative[] {
  if (!isInterfaceDeclaration(node)) return []
  const others = node.getText().matchAll(/\/\*\* (.*) \*\/\s+(\[\w+: string\]: .+)/g)
  return [...others].map(([, text = '', code = '']) => ({ code, text }))
}

/** Reads code without its comments, in one line. */
function textOf(node: Node): string {
  const lines = node.getText().replace(comments, '').replace(/^\| /, '')
  // The members of a literal that stands on several lines have no separator but these.
  return lines.replace(/(?<=[\w\]>}'"])\n\s*(?=[\w['"])/g, '; ').replace(/\s+/g, ' ')
}
