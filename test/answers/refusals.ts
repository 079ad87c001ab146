import type { AuthError } from '../../src/base/errors.js'
import { isAuthError } from '../../src/base/is-auth-error.js'
import type { SessionView } from '../../src/vault/vault.js'
import type { NodeClient, NodeLogin } from '../rig/node-client.js'
import { holdsSecret } from '../rig/secret-pieces.js'
import { expect, type TestAuthorizationServer } from './fixtures.js'

/** Waits for a call to be rejected, and gives the `AuthError`, which holds no secret of the server. */
export async function getRejection(as: TestAuthorizationServer, call: Promise<unknown>): Promise<AuthError> {
  const error = await call.then(
    () => new Error('expected a rejection'),
    (thrown: unknown) => thrown,
  )
  if (!isAuthError(error)) throw error
  const said = `${error.message} ${error.stack} ${JSON.stringify([error, error.cause])}`
  expect(holdsSecret(said, as.secrets)).toBe(false)
  return error
}

/** Logs in while the server's answer is wrong. Checks that nothing of it is kept, and gives the error. */
export async function expectRefusal(
  as: TestAuthorizationServer,
  client: NodeClient,
  login?: NodeLogin,
): Promise<AuthError> {
  const { reply, transaction } = await client.authorize(login)
  as.secrets.add(transaction.codeVerifier)
  const error = await getRejection(as, client.vault.redeem({ reply, transaction, key: '' }))
  expect(await client.readSession()).toBeNull()
  return error
}

/** The positive control: logs in, now that the answers are right. */
export async function expectLogin(client: NodeClient, login?: NodeLogin): Promise<SessionView> {
  const view = await client.logIn(login)
  expect(view.session?.tokens['']?.accessToken).toBeTruthy()
  return view
}
