import type { TestAuthorizationServer } from './authorization-server.js'
import type { Fault } from './faults.js'
import type { JsonObject } from './id-token-tampering.js'

/** Reads the server's metadata as a page would get it. The request is not left in the log. */
export async function readMetadata(as: TestAuthorizationServer): Promise<JsonObject> {
  const response = await fetch(`${as.issuer}/.well-known/openid-configuration`)
  const metadata = (await response.json()) as JsonObject
  as.requests.length = 0
  return metadata
}

/** Publishes other metadata in place of the server's, from now on, until the fault ends. */
export async function publishMetadata(as: TestAuthorizationServer, change: JsonObject): Promise<Fault> {
  return as.fault('metadata', { body: { ...(await readMetadata(as)), ...change } })
}
