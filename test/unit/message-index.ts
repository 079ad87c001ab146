import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'
import type { AuthErrorCode } from '../../src/base/errors.js'
import { refuse } from '../../src/protocol/refuse.js'

/** The document that has the index of messages, between two comments. */
export const errorsPath = 'docs/errors.md'

const src = fileURLToPath(new URL('../../src', import.meta.url))
const block = /(?<=<!-- messages:start -->\n\n)[^]*?(?=\n\n<!-- messages:end -->)/

/** The codes that a variable in `protocol/` can have. */
const variableCodes: Record<string, string[]> = {
  otherwise: ['invalid_token_response', 'invalid_response', 'discovery_failed'],
  codeOfAnswer: ['invalid_id_token', 'invalid_token_response', 'invalid_response', 'discovery_failed'],
}

/** The messages of the server's own errors have the code of the same name. */
const sameName = 'the code with the name in quotes'

interface Node {
  type: string
  [field: string]: unknown
}

/** Finds the messages of all errors in the source, with their codes; `…` replaces what varies. */
export function findErrorMessages(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  const add = (messages: string[], codes: string[]) => {
    for (const message of messages) {
      // Not what only joins two texts.
      if (!/\w{2}/.test(message)) continue
      found.set(message, new Set([...(found.get(message) ?? []), ...codes]))
    }
  }
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => /^(?!testing|doctor|element).+\.ts$/.test(name))) {
    const { program } = parseSync(file, readFileSync(join(src, file), 'utf8'), { lang: 'ts' })
    visit(program.body, (node) => {
      const [first, second, third] = (node['arguments'] ?? []) as Node[]
      const name = ((node['callee'] ?? {}) as { name?: string }).name
      if (!first) return
      if (name === 'AuthError') add(readTexts(second), readCodes(first))
      if (name === 'refuse' && third) add(readTexts(third), readCodes(first))
      if (name === 'refuse' && second && !third)
        for (const code of readCodes(first)) add([describeClaim(code)], [code])
      // These two put the name of the endpoint before the text.
      if (name === 'build' && second) add(addEndpoint(readTexts(second)), readCodes(first))
      if (name === 'refuse' && !second) add(addEndpoint(readTexts(first)), variableCodes['otherwise']!)
    })
  }
  return found
}

/** Replaces the index in the text of the document. */
export function renewMessageIndex(markdown: string): string {
  if (!block.test(markdown)) throw new Error(`${errorsPath} has no place for the messages`)
  const letters = (text: string) => text.replace(/[^a-z]+/gi, ' ').trim()
  const rows = [...findErrorMessages()]
    .sort(([one], [other]) => letters(one).localeCompare(letters(other)))
    .map(([message, codes]) => `- \`${message}\`: ${[...codes].map(linkCode).join(', ')}`)
  return markdown.replace(block, () => rows.join('\n'))
}

function linkCode(code: string): string {
  return code === sameName ? code : `[\`${code}\`](#${code})`
}

function describeClaim(code: string): string {
  return refuse(code as AuthErrorCode, code === 'user_changed' ? 'sub' : '…').message
}

function addEndpoint(texts: string[]): string[] {
  return texts.map((text) => `… ${text}`)
}

/** Reads the texts that an expression can have. */
function readTexts(node: Node | undefined): string[] {
  if (node?.type === 'Literal') return [`${node['value']}`]
  if (node?.type === 'ConditionalExpression')
    return [node['consequent'], node['alternate']].flatMap((branch) => readTexts(branch as Node))
  if (node?.type !== 'TemplateLiteral') return []
  const quasis = node['quasis'] as { value: { cooked: string } }[]
  return [
    quasis
      .map(({ value }) => value.cooked)
      .join('…')
      .replace(/…+/g, '…'),
  ]
}

/** Reads the codes that an expression can have. */
function readCodes(node: Node): string[] {
  if (node.type === 'Literal') return [node['value'] as string]
  if (node.type === 'Identifier') return variableCodes[node['name'] as string] ?? []
  if (node.type === 'ConditionalExpression')
    return [node['consequent'], node['alternate']].flatMap((branch) => readCodes(branch as Node))
  return [sameName]
}

function visit(value: unknown, onNode: (node: Node) => void): void {
  if (Array.isArray(value)) return value.forEach((one) => visit(one, onNode))
  if (typeof value !== 'object' || value === null) return
  if (typeof (value as Node).type === 'string') onNode(value as Node)
  for (const child of Object.values(value)) visit(child, onNode)
}
