import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findMissing, runTool } from '../run-tool.js'
import type { StartableServer } from '../startable-server.js'

const version = '3.4.1'
const packages = [`django-oauth-toolkit==${version}`, 'Django==5.2.19', 'django-cors-headers==4.9.0']

/** django-oauth-toolkit, in a virtual environment of its own. */
export const django: StartableServer = {
  name: 'django',
  title: 'django-oauth-toolkit',
  version,
  missing: () => findMissing('python3', ['--version'], '3.10'),

  prepare(folder) {
    if (existsSync(join(folder, 'venv/installed'))) return
    runTool('python3', ['-m', 'venv', 'venv'], { cwd: folder })
    runTool(join(folder, 'venv/bin/pip'), ['install', '-q', ...packages], { cwd: folder })
    runTool('touch', ['venv/installed'], { cwd: folder })
  },

  processes: (folder) => [
    {
      command: join(folder, 'venv/bin/python'),
      args: [fileURLToPath(new URL('serve.py', import.meta.url))],
      readyAt: 'http://localhost:8091/o/.well-known/openid-configuration',
    },
  ],
}
