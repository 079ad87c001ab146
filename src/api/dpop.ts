import type { DPoPHandle } from 'oauth4webapi'

/** @internal What a proof is for: one request to an API with one access token (RFC 9449 section 4.2). */
export interface ProofRequest {
  method: string
  url: string
  accessToken: string
  /** The nonce that this API sent last (RFC 9449 section 9). */
  nonce?: string | undefined
}

/** @internal The key of one client, and what it can prove. Its private half never leaves it. */
export interface DPoPKey {
  /** Gets the thumbprint of the public key (RFC 7638), which the server binds the code to (RFC 9449 section 10). */
  thumbprint(): Promise<string>
  /** Makes an exchange with the authorization server with a proof; once more where the server wants a nonce (section 8). */
  attach<T>(work: (proof: { DPoP?: DPoPHandle }) => Promise<T>): Promise<T>
  /** Builds the proof for a request to an API. */
  prove(request: ProofRequest): Promise<string>
  close(): void
}

/** Binds tokens to a key of this browser (RFC 9449): `dpop()` of `latchkey/dpop` makes it, and apps only pass it on. */
export interface DPoPCapability {
  /** @internal */
  open(issuer: string, clientId: string): DPoPKey
  /** @internal Sends a request with a token and its proof; once more where the API wants a nonce. */
  send(
    request: Request,
    accessToken: string,
    prove: (request: ProofRequest) => Promise<string>,
    replayable: boolean,
  ): Promise<Response>
}
