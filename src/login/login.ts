import type { State } from '../api/types.js'
import { isOpenId } from '../protocol/transaction.js'
import type { Redemption } from '../vault/vault.js'
import type { Context } from '../session/context.js'

/** Redeems the answer of a login, starts the session with it and tells all tabs. */
export async function completeLogin(ctx: Context, redemption: Omit<Redemption, 'key'>): Promise<State> {
  // A login may have changed what a hidden frame can do.
  const hints = { silentFrames: 0, ...redemption.hints }
  ctx.apply(
    await ctx.vault.redeem({ ...redemption, hints, key: '' }),
    'changed',
    redemption.transaction.appState,
  )
  return ctx.getState()
}

/** Fetches the server's keys while the user types. A failure is none yet: they are asked for again when they are needed. */
export function warmKeys({ vault }: Context, { scope }: { scope: string }): void {
  if (isOpenId(scope)) vault.warm().catch(() => {})
}
