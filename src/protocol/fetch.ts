/** `fetch`, as it was when the client was created: what replaces it later sees no token. */
export type Fetch = (url: string, options: FetchOptions) => Promise<Response>

/** What of the options of a request is looked at before it is sent. */
interface FetchOptions extends Omit<RequestInit, 'body' | 'headers'> {
  headers?: Record<string, string>
  body?: any
}
