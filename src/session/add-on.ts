import { checkOption } from '../base/check-option.js'
import type { Client } from '../api/client.js'
import type { Context } from './context.js'

/** Where a client keeps its context. Of the global registry: an add-on can be in another bundle than the client. */
const context = Symbol.for('latchkey.context')

/** Makes the context of a client known to add-ons, and to nobody who lists its properties. */
export function exposeContext(client: Client, ctx: Context): Client {
  return Object.defineProperty(client, context, { value: ctx })
}

/** Gets the part of a client that an add-on has made, which it makes at the first call. */
export function getAddOn<T>(client: Client, create: (ctx: Context, client: Client) => T): T {
  const ctx = (client as { [context]?: Context } | undefined)?.[context]
  checkOption('auth', ctx, 'a client of createClient()')
  const { addOns } = ctx!
  if (!addOns.has(create)) addOns.set(create, create(ctx!, client))
  return addOns.get(create) as T
}
