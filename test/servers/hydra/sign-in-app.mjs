// The pages that Hydra leaves to its operator: sign-in with a second factor, and what asks nothing here. Registers the client, then serves.
//
//   node test/servers/hydra/sign-in-app.mjs

import { createServer } from 'node:http'

const [port, admin, app] = [4455, 'http://localhost:4445/admin', 'http://localhost:5190']
// Nobody may frame the pages (clickjacking).
const headers = { 'content-type': 'text/html', 'content-security-policy': "frame-ancestors 'none'" }
const person = { name: 'Alice Liddell', email: 'alice@example.com' }

await callAdmin('DELETE', '/clients/spa').catch(() => {})
await callAdmin('POST', '/clients', {
  client_id: 'spa',
  token_endpoint_auth_method: 'none',
  skip_consent: true,
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  scope: 'openid offline_access profile email',
  redirect_uris: [`${app}/callback.html`],
  post_logout_redirect_uris: [`${app}/bye`, `${app}/`],
})

const steps = {
  async login({ challenge, user, password, code, button }) {
    const request = `/oauth2/auth/requests/login`
    const {
      skip,
      subject,
      oidc_context: asked,
    } = await callAdmin('GET', `${request}?login_challenge=${challenge}`)
    const acr = asked?.acr_values?.[0]
    const answer = (verb, body) => callAdmin('PUT', `${request}/${verb}?login_challenge=${challenge}`, body)
    if (button === 'Cancel')
      return answer('reject', { error: 'access_denied', error_description: 'cancelled' })
    if (skip && !acr) return answer('accept', { subject })
    if (!skip && (!user || password !== 'secret')) return form(['User name', 'Password'])
    if (acr && code !== '123456') return form(skip ? ['Code'] : ['User name', 'Password', 'Code'])
    // What was remembered goes on; else it starts now, and is remembered for as long as the browser runs.
    const remember = skip ? {} : { remember: true, remember_for: 0 }
    return answer('accept', { subject: subject || user, ...remember, ...(acr && { acr }) })
  },

  // The app is the operator's own: nobody is asked. Without "remember", prompt=none is consent_required for a public client.
  async consent({ challenge }) {
    const request = `/oauth2/auth/requests/consent`
    const { requested_scope: scope, requested_access_token_audience: audience } = await callAdmin(
      'GET',
      `${request}?consent_challenge=${challenge}`,
    )
    return callAdmin('PUT', `${request}/accept?consent_challenge=${challenge}`, {
      grant_scope: scope,
      grant_access_token_audience: audience,
      remember: true,
      session: { id_token: person },
    })
  },

  async logout({ challenge }) {
    return callAdmin('PUT', `/oauth2/auth/requests/logout/accept?logout_challenge=${challenge}`)
  },
}

createServer(async (request, response) => {
  const url = new URL(request.url, `http://localhost:${port}`)
  if (url.pathname === '/') return response.end('ready')
  const step = url.pathname.slice(1)
  const body = []
  for await (const chunk of request) body.push(chunk)
  const fields = Object.fromEntries(new URLSearchParams(Buffer.concat(body).toString()))
  const challenge = url.searchParams.get(`${step}_challenge`)
  try {
    const next = await steps[step]({ ...fields, challenge })
    if (typeof next === 'string') response.writeHead(200, headers).end(next)
    else response.writeHead(303, { location: next.redirect_to }).end()
  } catch (error) {
    response.statusCode = 400
    response.end(`${url.search}\n${error.message}`)
  }
}).listen(port, '127.0.0.1', () => console.log(`sign-in app at http://localhost:${port}`))

function form(labels) {
  const names = { 'User name': 'user', Password: 'password', Code: 'code' }
  const inputs = labels.map((label) => `<label>${label} <input name="${names[label]}"></label>`)
  const buttons = ['Sign in', 'Cancel'].map(
    (name) => `<button name="button" value="${name}">${name}</button>`,
  )
  return `<!doctype html><title>Sign in</title><form method="post">${[...inputs, ...buttons].join('')}</form>`
}

async function callAdmin(method, path, body) {
  const response = await fetch(admin + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text ? JSON.parse(text) : undefined
}
