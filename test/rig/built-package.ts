import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Lets esbuild find `latchkey` and its entries in the built package. */
export const builtPackage: Plugin = {
  name: 'built-package',
  setup({ onResolve }) {
    onResolve({ filter: /^latchkey(\/|$)/ }, ({ path }) => ({
      path: join(root, 'dist', `${path === 'latchkey' ? 'index' : path.replace('latchkey/', '')}.js`),
    }))
  },
}
