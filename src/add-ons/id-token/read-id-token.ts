import type { Claims } from '../../api/claims.js'
import type { GrantServer } from '../../protocol/grant-server.js'
import type { GrantParameters } from '../../vault/vault.js'

/** The ID token of the stored session, and its claims. Both are missing if there is none. */
export interface StoredIdToken {
  idToken?: string | undefined
  user?: Claims | null | undefined
}

/** Tells a vault in a worker that the ID token is to be read. Nothing is sent to the server. */
export const idTokenParameters: GrantParameters = [['read', 'id_token']]

/** Reads the ID token of the session. Runs in the vault, which returns the ID token for this call of an add-on only. */
export async function readIdToken(
  _server: GrantServer,
  _parameters: GrantParameters,
  getSession: () => Promise<StoredIdToken | null>,
): Promise<StoredIdToken> {
  const { idToken, user } = (await getSession()) ?? {}
  return { idToken, user }
}
