const origin = 'http://localhost:8090'

/** Sends a request to the administration of the realm `demo`, and returns the answer. */
export async function callAdmin(method: string, path: string, body?: object): Promise<Response> {
  const form = { grant_type: 'password', client_id: 'admin-cli', username: 'admin', password: 'admin' }
  const login = await fetch(`${origin}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  const { access_token } = (await login.json()) as { access_token: string }
  const response = await fetch(`${origin}/admin/realms/demo${path}`, {
    method,
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok)
    throw new Error(`Keycloak answered ${method} ${path} with ${response.status}: ${await response.text()}`)
  return response
}
