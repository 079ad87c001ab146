import type { DPoPHandle } from 'oauth4webapi'

/** @internal The request that a proof covers: one request to an API with one access token (RFC 9449 section 4.2). */
export interface ProofRequest {
  method: string
  url: string
  accessToken: string
  /** The last nonce received from this API (RFC 9449 section 9). */
  nonce?: string | undefined
  /**
   * Set if the last proof was rejected: the `Date` header of that response, or an empty string if it cannot be read. The new proof
   * then uses the server's time. It is empty if no server time is known that was not tried yet.
   */
  refusedAt?: string | undefined
}

/** @internal The DPoP key of one client. The private key never leaves it. */
export interface DPoPKey {
  /**
   * Returns the thumbprint of the public key (RFC 7638), which the server binds the code to (RFC 9449 section 10).
   *
   * @param again whether to read the store first: another tab may have created a new key, or the store may have been cleared
   */
  thumbprint(again?: boolean): Promise<string>
  /**
   * Sends a request to the authorization server with a proof. Retries once if it requires a nonce (section 8) or has another time.
   * Rejects with `clock_skew` if the proof is rejected in spite of that, and the clocks differ by more than `tolerance` seconds.
   */
  attach<T>(work: (proof: { DPoP?: DPoPHandle }) => Promise<T>, tolerance: number): Promise<T>
  /** Records by how many seconds the server's clock is ahead, for use after a rejected proof. */
  learnClock(ahead: number | undefined): void
  /** Creates the proof for a request to an API. */
  prove(request: ProofRequest): Promise<string>
  close(): void
}

/** Binds tokens to a key held by this browser (RFC 9449). Created by `dpop()` from `latchkey/dpop`; pass it on as is. */
export interface DPoPCapability {
  /** @internal */
  open(issuer: string, clientId: string, onNews?: () => void): DPoPKey
  /** @internal Sends a request with a token and its proof, and retries once if the API requires a nonce or has another time. */
  send(
    request: Request,
    accessToken: string,
    prove: (request: ProofRequest) => Promise<string>,
    replayable: boolean,
  ): Promise<Response>
}
