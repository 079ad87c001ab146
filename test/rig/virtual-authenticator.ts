import { generateKeyPairSync } from 'node:crypto'
import type { Page } from '@playwright/test'

/** A passkey, private key included. */
export interface Passkey {
  credentialId: string
  isResidentCredential: boolean
  privateKey: string
  signCount: number
}

/** An authenticator of a page and its frames, whose user is always there and recognized. Chromium only. */
export interface VirtualAuthenticator {
  /** The next passkey that is created in it. */
  created: Promise<Passkey>
  /** Replaces its passkeys by this one. */
  hold(passkey: Passkey): Promise<void>
}

/** Gives a page an authenticator. */
export async function addAuthenticator(page: Page): Promise<VirtualAuthenticator> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
      automaticPresenceSimulation: true,
    },
  })
  return {
    created: new Promise((resolve) =>
      session.once('WebAuthn.credentialAdded', ({ credential }) => resolve(credential)),
    ),
    async hold(credential) {
      await session.send('WebAuthn.clearCredentials', { authenticatorId })
      await session.send('WebAuthn.addCredential', { authenticatorId, credential })
    },
  }
}

/** The same passkey by its ID, with another private key. */
export function forge(passkey: Passkey): Passkey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...passkey, privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64') }
}
