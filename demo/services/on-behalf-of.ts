import * as oauth from 'oauth4webapi'
import { createServerFinder } from './find-server.js'

/** The credentials of a service at Microsoft Entra ID. */
export interface EntraCredentials {
  /** `https://login.microsoftonline.com/<tenant id>/v2.0` */
  issuer: string
  clientId: string
  clientSecret: string
}

/**
 * Exchanges the token of an incoming call at Microsoft Entra ID, which has this "on-behalf-of" request in place of RFC 8693. The token
 * must be an access token that was issued for this service. A recipe: the demo does not use it, and nobody has run it against Entra
 * ID from here.
 *
 * @param scope the scope of one downstream API, such as `https://graph.microsoft.com/User.Read`
 */
export async function exchangeOnBehalfOf(
  { issuer, clientId, clientSecret }: EntraCredentials,
  token: string,
  scope: string,
): Promise<string> {
  const { find, options } = createServerFinder(issuer)
  const metadata = await find()
  const client = { client_id: clientId }
  const response = await oauth.genericTokenEndpointRequest(
    metadata,
    client,
    oauth.ClientSecretPost(clientSecret),
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    { assertion: token, scope, requested_token_use: 'on_behalf_of' },
    options,
  )
  const { access_token } = await oauth.processGenericTokenEndpointResponse(metadata, client, response)
  return access_token
}
