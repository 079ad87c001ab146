import type { Grant, Interaction, KoaContextWithOIDC } from 'oidc-provider'
import { readFormBody } from './form-body.js'
import { addMissing } from './grants.js'
import { consentPage, errorPage, loginPage, secondFactorPage } from './pages.js'
import type { AuthorizationServerOptions } from './options.js'
import { errors, type Provider } from './provider-class.js'
import { secondFactor, secondFactorPrompt } from './second-factor.js'
import { isService } from './services.js'

/** Handles `/interaction/…`: sign-in, consent, and declining either. */
export function handleInteractions(provider: Provider, options: AuthorizationServerOptions): void {
  provider.use(async (ctx, next) => {
    const [, abort] = /^\/interaction\/[^/]+(\/abort)?$/.exec(ctx.path) ?? [undefined, undefined]
    if (!ctx.path.startsWith('/interaction/')) return next()
    ctx.type = 'html'
    ctx.set('cache-control', 'no-store')
    try {
      const interaction = await provider.interactionDetails(ctx.req, ctx.res)
      if (ctx.method !== 'POST') ctx.body = await buildPage(provider, interaction)
      else if (abort) await finish(ctx, provider, denied)
      else await submit(ctx, provider, interaction, options)
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError)) throw error
      ctx.status = error.statusCode
      ctx.body = errorPage({
        title: 'This sign-in has ended',
        message: error.error_description ?? error.message,
      })
    }
  })
}

const denied = { error: 'access_denied', error_description: 'the user declined the request' }

type Context = Pick<KoaContextWithOIDC, 'req' | 'res' | 'status' | 'body' | 'redirect'>

async function submit(
  ctx: Context,
  provider: Provider,
  interaction: Interaction,
  options: AuthorizationServerOptions,
): Promise<void> {
  const form = await readFormBody(ctx.req)
  if (interaction.prompt.name === 'consent') {
    const grant = await loadGrant(provider, interaction)
    addMissing(grant, interaction.prompt)
    return finish(ctx, provider, { consent: { grantId: await grant.save() } })
  }
  if (interaction.prompt.name === secondFactorPrompt) {
    const accountId = interaction.session?.accountId
    if (/^\d{6}$/.test(form.get('code')?.trim() ?? ''))
      return finish(ctx, provider, { login: { accountId, acr: secondFactor, amr: ['pwd', 'otp'] } })
    ctx.status = 422
    ctx.body = await buildPage(provider, interaction, { error: 'Enter the six-digit code' })
    return
  }
  const accountId = form.get('login')?.trim()
  const isTaken = accountId !== undefined && isService(options, accountId)
  if (accountId && !isTaken && form.get('password')) return finish(ctx, provider, { login: { accountId } })
  const missing = accountId ? 'Enter a password' : 'Enter a user name'
  const error = isTaken ? 'This name belongs to a service: enter another one' : missing
  ctx.status = 422
  ctx.body = await buildPage(provider, interaction, { error, loginHint: accountId })
}

async function loadGrant(provider: Provider, { grantId, session, params }: Interaction): Promise<Grant> {
  const found = grantId ? await provider.Grant.find(grantId) : undefined
  const { accountId } = session!
  return found ?? new provider.Grant({ accountId, clientId: String(params['client_id']) })
}

async function finish(ctx: Context, provider: Provider, result: object): Promise<void> {
  const location = await provider.interactionResult(ctx.req, ctx.res, { ...result })
  ctx.redirect(location)
  ctx.status = 303
}

async function buildPage(
  provider: Provider,
  { uid, prompt, params, session }: Interaction,
  retry: { error?: string; loginHint?: string | undefined } = {},
): Promise<string> {
  const client = await provider.Client.find(String(params['client_id']))
  const shared = {
    action: `/interaction/${uid}`,
    abortAction: `/interaction/${uid}/abort`,
    clientName: client?.clientName ?? '',
  }
  if (prompt.name === 'login') {
    return loginPage({ ...shared, loginHint: params['login_hint'] as string | undefined, ...retry })
  }
  if (prompt.name === secondFactorPrompt)
    return secondFactorPage({ ...shared, user: session?.accountId ?? '', error: retry.error })
  const scopes = String(params['scope'] ?? '')
    .split(' ')
    .filter(Boolean)
  const resources = [params['resource'] ?? []].flat().map(String)
  const details = (prompt.details['rar'] ?? []) as { type: string }[]
  return consentPage({ ...shared, scopes, resources, details, user: session?.accountId ?? '' })
}
