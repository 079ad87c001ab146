import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findMissing, runTool } from '../run-tool.js'
import type { StartableServer } from '../startable-server.js'

const source = fileURLToPath(new URL('.', import.meta.url))
const origin = 'http://localhost:8092'

/** Spring Authorization Server, built with Maven from the project in this folder. */
export const spring: StartableServer = {
  name: 'spring',
  title: 'Spring Authorization Server',
  // The one that Spring Boot 4.0.7 chooses (pom.xml).
  version: '7.0.6',
  missing: () => findMissing('java', ['-version'], '17') ?? findMissing('mvn', ['-version']),

  prepare(folder) {
    // Built where it is kept, and not in the repository.
    for (const name of ['pom.xml', 'src']) cpSync(join(source, name), join(folder, name), { recursive: true })
    runTool('mvn', ['-q', '-B', 'package'], { cwd: folder })
  },

  processes: (folder) => [
    {
      command: 'java',
      args: ['-jar', join(folder, 'target/server.jar'), '--server.port=8092'],
      readyAt: `${origin}/.well-known/openid-configuration`,
    },
  ],
}
