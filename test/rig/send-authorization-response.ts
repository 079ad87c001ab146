import type { ParameterizedContext } from 'koa'

/** Answers an authorization request without the server: by redirect or, where that was asked for, by web message. */
export function sendAuthorizationResponse(
  ctx: ParameterizedContext,
  request: Record<string, string>,
  response: Record<string, string>,
): void {
  const { redirect_uri = '', response_mode, state } = request
  const params = { ...response, ...(state !== undefined && { state }) }
  if (response_mode === 'web_message') {
    ctx.status = 'error' in response ? 400 : 200
    ctx.type = 'html'
    ctx.body = webMessagePage(params, redirect_uri)
    return
  }
  const url = new URL(redirect_uri)
  if (response_mode === 'fragment') url.hash = new URLSearchParams(params).toString()
  else for (const [name, value] of Object.entries(params)) url.searchParams.append(name, value)
  ctx.redirect(url.href)
  ctx.status = 303
}

function webMessagePage(response: Record<string, string>, redirectUri: string): string {
  const message = JSON.stringify({ type: 'authorization_response', response }).replaceAll('<', '\\u003C')
  return `<!doctype html><title>Web message</title><script>
(opener || parent).postMessage(${message}, ${JSON.stringify(new URL(redirectUri).origin)})
close()
</script>`
}
