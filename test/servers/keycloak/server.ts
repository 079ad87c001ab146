import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findMissing, runTool } from '../run-tool.js'
import type { StartableServer } from '../startable-server.js'
import { registerShop } from './register-shop.js'

const version = '26.7.3'
const origin = 'http://localhost:8090'
const realm = fileURLToPath(new URL('realm.json', import.meta.url))

/** Keycloak, from the distribution that it publishes for Maven. */
export const keycloak: StartableServer = {
  name: 'keycloak',
  title: 'Keycloak',
  version,
  missing: () => findMissing('java', ['-version'], '17') ?? findMissing('mvn', ['-version']),

  prepare(folder) {
    if (existsSync(join(home(folder), 'bin/kc.sh'))) return
    const artifact = `org.keycloak:keycloak-quarkus-dist:${version}:zip`
    const unpack = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack'
    runTool('mvn', ['-q', '-B', unpack, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`], {
      // Maven leaves marker files for what it has unpacked in its working directory.
      cwd: folder,
    })
  },

  processes(folder) {
    const imports = join(home(folder), 'data/import')
    mkdirSync(imports, { recursive: true })
    cpSync(realm, join(imports, 'realm.json'))
    return [
      {
        command: 'sh',
        args: [
          join(home(folder), 'bin/kc.sh'),
          'start-dev',
          // Nothing is kept: each start reads the realm again.
          '--db=dev-mem',
          '--import-realm',
          '--http-host=127.0.0.1',
          '--http-port=8090',
          `--hostname=${origin}`,
          '--features=jwt-authorization-grant',
        ],
        env: { KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin' },
        readyAt: `${origin}/realms/demo/.well-known/openid-configuration`,
      },
    ]
  },

  configure: registerShop,
}

const home = (folder: string) => join(folder, `keycloak-${version}`)
