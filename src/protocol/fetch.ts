/** `fetch` as it was when the client was created: code that replaces it later does not see tokens. */
export type Fetch = (url: string, options: FetchOptions) => Promise<Response>

/** The options of a request. */
interface FetchOptions extends Omit<RequestInit, 'body' | 'headers'> {
  headers?: Record<string, string>
  body?: any
}
