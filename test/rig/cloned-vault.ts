import { isAuthError } from '../../src/base/is-auth-error.js'
import type { Vault } from '../../src/vault/vault.js'

/** A vault behind a port that clones, as if it were in a worker. */
export interface ClonedVault {
  vault: Vault
  /** The names of the methods that were called. */
  called: Set<string>
  /** Everything that went through the port, in both directions. */
  crossed: unknown[]
  /** The errors that went through it: as they were thrown in the vault, and as they arrived. */
  errors: { thrown: Error; received: Error }[]
}

/**
 * Puts a port around a vault through which every argument, result and error goes as a structured clone. Only the function that makes
 * the request of a `grant` stays on its side: a vault in a worker has its own copy.
 */
export function cloneVault(vault: Vault): ClonedVault {
  const called = new Set<string>()
  const crossed: unknown[] = []
  const errors: ClonedVault['errors'] = []
  const cross = <T>(value: T): T => {
    const clone = structuredClone(value)
    crossed.push(clone)
    return clone
  }
  const wrap =
    (name: string, method: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      called.add(name)
      const received = args.map((arg, index) => (name === 'grant' && index === 1 ? arg : cross(arg)))
      try {
        return cross(await method(...received))
      } catch (error) {
        const thrown = error as Error
        const arrived = structuredClone(thrown)
        // The receiving side asks once, and the clone has its fields again.
        isAuthError(arrived)
        crossed.push(arrived.message, arrived.stack, { ...arrived }, arrived.cause)
        errors.push({ thrown, received: arrived })
        throw arrived
      }
    }
  const methods = Object.entries(vault).map(([name, method]) => [name, wrap(name, method)])
  return { vault: Object.fromEntries(methods), called, crossed, errors }
}
