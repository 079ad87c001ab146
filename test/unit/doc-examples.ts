import { join } from 'node:path'
import { compileScript, parse } from 'vue/compiler-sfc'
import { virtualFolder, type OpenProgram } from './open-program.js'

/** A piece of code that a reader may copy. */
export interface Example {
  /** Where it stands: path and line. */
  at: string
  code: string
}

/** What an example may use without saying where it comes from. All else it imports or makes. */
export const prelude = `
/** The app's client. */
declare const auth: import('latchkey').Client
/** The token of another party, which an exchange needs. */
declare const agentToken: string
/** The answer of an API. */
declare const response: Response
/** What a \`catch\` caught. */
declare const error: unknown
/** A button of the page. */
declare const button: HTMLButtonElement
/** Shows something to the user. */
declare function show(what: unknown): void
/** Of Nuxt, which imports it by itself. */
declare function defineNuxtPlugin(plugin: (nuxt: { vueApp: import('vue').App }) => void): unknown
declare module '*/App' {
  export const App: import('react').FunctionComponent
}
/** Opens a page in the system browser, as a native shell does. */
declare function openInBrowser(url: string, signal: AbortSignal): Promise<string | undefined>
/** What an extension finds in Chromium. */
declare const chrome: {
  identity: {
    launchWebAuthFlow(details: { url: string; interactive: boolean }): Promise<string | undefined>
    getRedirectURL(path?: string): string
  }
}
/** What Vite puts into an app. */
interface ImportMeta {
  readonly env: Record<string, string>
}
declare module '*.vue' {
  const component: import('vue').Component
  export default component
}
`

const comment = /\/\*\*(?:(?!\*\/)[^])*\*\//g
const fence = /^```(\w+)\n([^]*?)^```$/gm
/** The comment above an example whose kind says where it is checked. */
const checkedElsewhere = /<!-- ((file|extension|shell|cli|pwa|next|nuxt):|app: (svelte|solid)\S*) \S+ -->\s+$/
const moduleScript = /<script type="module">\n([^]*?)<\/script>/g

/** Finds the \`@example\` blocks of a source file. */
export function findDocExamples(path: string, source: string): Example[] {
  return [...source.matchAll(comment)].flatMap(({ 0: text, index }) => {
    const lines = text.replace(/\s*\*\/$/, '').split('\n')
    const contents = lines.map((line) => line.replace(/^\s*(\/\*)?\* ?/, ''))
    return contents.flatMap((line, at) => {
      if (!/^@example\b/.test(line)) return []
      const end = contents.findIndex((other, later) => later > at && /^@\w/.test(other))
      const code = contents.slice(at + 1, end < 0 ? undefined : end)
      const before = source.slice(0, index).split('\n').length
      return { at: `${path}:${before + at}`, code: [line.replace('@example', ''), ...code].join('\n').trim() }
    })
  })
}

/**
 * Finds the blocks of code of a document: TypeScript, JavaScript, the module scripts of HTML, and components of Vue. Those that
 * quote a file of the repository are checked there, and those of an app that a framework's own tool builds in that app. Those of an extension
 * run in Chromium (extension.spec.ts), and those of another native shell need packages that are not installed here.
 */
export function findMarkdownExamples(path: string, source: string): Example[] {
  return [...source.matchAll(fence)].flatMap(({ 1: language, 2: code = '', index }) => {
    if (checkedElsewhere.test(source.slice(0, index))) return []
    const at = `${path}:${source.slice(0, index).split('\n').length}`
    // Solid has a JSX of its own.
    const pragma = path === 'docs/solid.md' ? '/** @jsxImportSource solid-js */\n' : ''
    if (/^(ts|js|tsx|jsx|typescript|javascript)$/.test(language!)) return { at, code: pragma + code }
    // An import map is for the browser alone.
    if (language === 'html')
      return [...code.matchAll(moduleScript)].map((script) => ({ at, code: script[1]! }))
    if (language === 'vue') return { at, code: compileVue(code) }
    return []
  })
}

/**
 * Compiles a component of Vue into TypeScript, its template included. (`vue-tsc` does not run with TypeScript 7: it looks for the
 * JavaScript of the compiler.) A name in the template that the script does not have is in no type, and not found here.
 */
export function compileVue(source: string): string {
  const { descriptor } = parse(source)
  return compileScript(descriptor, { id: 'example', inlineTemplate: true }).content
}

/** Lays examples out as files of a program: each one a module of its own. */
export function buildExampleFiles(examples: Example[]): Record<string, string> {
  const files = examples.map(({ code }, at) => [`example-${at}.tsx`, `${code}\nexport {}\n`])
  return { 'prelude.d.ts': prelude, ...Object.fromEntries(files) }
}

/** Type-checks examples that a program was opened with; says what is wrong with which. */
export function checkExamples({ program, root }: OpenProgram, examples: Example[]): string[] {
  return examples.flatMap(({ at }, index) => {
    const file = join(root, virtualFolder, `example-${index}.tsx`)
    const wrong = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
    return wrong.map(({ text, messageChain }) => {
      const why = messageChain?.map((one) => ` ${one.text}`).join('') ?? ''
      return `${at}: the example is wrong: ${text}${why}`
    })
  })
}
