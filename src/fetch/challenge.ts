/**
 * Reads one parameter of the challenges in a response; empty if it is missing. This is all that `fetch` needs, so apps do not have to
 * load a whole parser.
 */
export function readChallenge(response: Response, name: string): string {
  const header = response.headers.get('www-authenticate') ?? ''
  return new RegExp(`\\b${name}="?([^",]*)`).exec(header)?.[1] ?? ''
}
