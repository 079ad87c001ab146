import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { build } from 'esbuild'
import { openApp } from './app-page.js'
import type { AppServer } from './app-server.js'
import { builtPackage } from './built-package.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What stands in a recipe for what an app has of its own, and what a test adds to it. */
export interface RecipeOptions {
  /** The document that has the recipe. @default 'docs/recipes.md' */
  document?: `docs/${string}.md`
  /** What replaces the addresses of the document. */
  replace: Record<string, string>
  /** The names of the recipe that the test calls as `window.recipe`. */
  names: string[]
  /** Code to put before the names are given out. */
  more?: string
}

/** Opens the test page with the code of a recipe, as the document has it. `window.auth` is the client of the recipe. */
export async function openRecipe(
  page: Page,
  app: AppServer,
  file: string,
  options: RecipeOptions,
): Promise<void> {
  const code = await bundleRecipe(file, options)
  app.route('/recipe.js', () => ({ headers: { 'content-type': 'text/javascript' }, body: code }))
  await openApp(page)
  await page.addScriptTag({ url: '/recipe.js', type: 'module' })
}

/** Bundles the code of a recipe, with the names that the test calls. */
export async function bundleRecipe(
  file: string,
  { document, replace, names, more = '' }: RecipeOptions,
): Promise<string> {
  const all = `${fillIn(readRecipe(file, document), replace)}
${more}
Object.assign(window, { auth, recipe: { ${names.join(', ')} } })`
  const { outputFiles } = await build({
    stdin: { contents: all, loader: 'tsx', resolveDir: root, sourcefile: file },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"development"' },
    plugins: [builtPackage],
  })
  return outputFiles[0]!.text
}

function fillIn(code: string, replace: Record<string, string>): string {
  return Object.entries(replace).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the recipe has no ${from}`)
    return text.replaceAll(from, to)
  }, code)
}

/** Reads the code below `<!-- recipe: file -->`. */
function readRecipe(file: string, document = 'docs/recipes.md'): string {
  const text = readFileSync(`${root}/${document}`, 'utf8')
  const [, code] = new RegExp(`<!-- recipe: ${file} -->\n\n\`\`\`\\w+\n([^]*?\n)\`\`\``).exec(text) ?? []
  if (!code) throw new Error(`${document} has no recipe ${file}`)
  return code
}
