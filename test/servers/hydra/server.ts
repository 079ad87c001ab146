import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findMissing, runTool } from '../run-tool.js'
import type { StartableServer } from '../startable-server.js'

const version = '2.3.0'
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** Ory Hydra, built from its Go module with SQLite, and the pages that it leaves to its operator. */
export const hydra: StartableServer = {
  name: 'hydra',
  title: 'Ory Hydra',
  version,
  missing: () => findMissing('go', ['version'], '1.24') ?? findMissing('cc', ['--version']),

  prepare(folder) {
    if (existsSync(join(folder, 'hydra'))) return
    const go = (...args: string[]) => runTool('go', args, { cwd: folder })
    if (!existsSync(join(folder, 'go.mod'))) go('mod', 'init', 'hydra-run')
    go('get', '-tool', `github.com/ory/hydra/v2@v${version}`)
    // Hydra replaces one of its dependencies, which Go ignores outside of Hydra's own repository. Without that, the build ends
    // with "p.conn.Store.SQLDB undefined".
    const pop = 'github.com/gobuffalo/pop/v6=github.com/ory/pop/v6@v6.2.1-0.20241121111754-e5dfc0f3344b'
    go('mod', 'edit', '-replace', pop)
    go('build', '-mod=mod', '-tags', 'sqlite', '-o', 'hydra', 'github.com/ory/hydra/v2')
  },

  processes: (folder) => [
    {
      command: join(folder, 'hydra'),
      args: ['serve', 'all', '--dev', '--sqa-opt-out', '-c', here('hydra.yml')],
      readyAt: 'http://localhost:4444/.well-known/openid-configuration',
    },
    {
      command: process.execPath,
      args: [here('sign-in-app.mjs')],
      readyAt: 'http://localhost:4455/',
    },
  ],
}
