import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server'
import type { ParameterizedContext } from 'koa'
import { readFormBody } from '../../demo/authorization-server/form-body.js'
import type { Provider } from '../../demo/authorization-server/provider-class.js'
import { passkeyMarkup } from './passkey-markup.js'

/** The server that has the passkeys. */
export interface PasskeyServer {
  provider: Provider
  origin: string
  /** The origins of the pages that may show its login page in a frame. */
  appOrigins: string[]
}

/** Answers what the buttons of the login page ask for. */
type Step = 'create' | 'created' | 'use' | 'used'

/** Adds passkeys (WebAuthn) to the login page of an authorization server: creating one, and logging in with it. */
export function createPasskeys(getServer: () => PasskeyServer) {
  const challenges = new Map<string, string>()
  const passkeys = new Map<string, WebAuthnCredential & { user: string }>()

  return async (ctx: ParameterizedContext, next: () => Promise<unknown>): Promise<void> => {
    const [, uid] = /^\/interaction\/([^/]+)\/passkey$/.exec(ctx.path) ?? []
    if (!uid) {
      await next()
      if (typeof ctx.body === 'string' && ctx.body.includes('name="password"'))
        ctx.body = ctx.body.replace('</main>', `${passkeyMarkup}</main>`)
      return
    }
    const form = await readFormBody(ctx.req)
    try {
      ctx.body = await answer(form.get('step') as Step, uid, form, ctx)
    } catch (error) {
      ctx.status = 400
      ctx.body = { error: (error as Error).message }
    }
  }

  async function answer(step: Step, uid: string, form: URLSearchParams, ctx: ParameterizedContext) {
    const { origin, appOrigins } = getServer()
    const rpID = new URL(origin).hostname
    if (step === 'create') {
      const options = await generateRegistrationOptions({
        ...{ rpID, rpName: 'Doorman', userName: form.get('login')! },
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      })
      challenges.set(uid, options.challenge)
      return options
    }
    if (step === 'use') {
      const options = await generateAuthenticationOptions({ rpID, userVerification: 'required' })
      challenges.set(uid, options.challenge)
      return options
    }
    const response = JSON.parse(form.get('credential')!)
    const expected = {
      response,
      expectedChallenge: challenges.get(uid) ?? '',
      expectedOrigin: origin,
      expectedRPID: rpID,
      // In a frame of an app (WebAuthn Level 3, "topOrigin").
      expectedTopOrigin: appOrigins,
    }
    challenges.delete(uid)
    if (step === 'created') {
      const { verified, registrationInfo } = await verifyRegistrationResponse(expected)
      if (!verified) throw new Error('the passkey is not valid')
      const { credential } = registrationInfo
      passkeys.set(credential.id, { ...credential, user: form.get('login')! })
      return logIn(ctx, form.get('login')!)
    }
    const passkey = passkeys.get(response.id)
    if (!passkey) throw new Error('nobody has this passkey')
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      ...expected,
      credential: passkey,
    })
    if (!verified) throw new Error('the signature is not valid')
    passkey.counter = authenticationInfo.newCounter
    return logIn(ctx, passkey.user)
  }

  async function logIn(ctx: ParameterizedContext, accountId: string) {
    const result = { login: { accountId, amr: ['pop', 'user'] } }
    return { location: await getServer().provider.interactionResult(ctx.req, ctx.res, result) }
  }
}
