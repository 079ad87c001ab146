import { readFileSync } from 'node:fs'

/** Reads the versions of the package, its dependencies and the authorization server. */
export function readVersions(): Record<string, string> {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
    version: string
    dependencies: Record<string, string>
    devDependencies: Record<string, string>
  }
  const { oauth4webapi = '', 'idb-keyval': keyval = '' } = manifest.dependencies
  const { 'oidc-provider': provider = '' } = manifest.devDependencies
  return { latchkey: manifest.version, oauth4webapi, 'idb-keyval': keyval, 'oidc-provider': provider }
}
