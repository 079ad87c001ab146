/** Where the refresh token and the keys of a session are held. Created by `workerVault()` from `latchkey/worker`; pass it on as is. */
export interface VaultCapability {
  /** @internal Opens the vault of one client, without waiting for anything. Throws a `TypeError` for options that it cannot serve. */
  open(config: object, page: VaultPage): object
}

/** @internal What a vault outside the page needs from its page. */
export interface VaultPage {
  /** Aborted once the client is closed and has finished its work. */
  ended: AbortSignal
  /** Gets the session as the page knows it, to continue it in a new vault. */
  getView(): object
  /** Called when the vault should be read again: it answered after a call had given up. */
  onNews(): void
}
