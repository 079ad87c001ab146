/**
 * Reads one parameter of an answer's challenges, empty when it is not there: the little that `fetch` needs, which spares every
 * app the whole parser.
 */
export function readChallenge(response: Response, name: string): string {
  const header = response.headers.get('www-authenticate') ?? ''
  return new RegExp(`\\b${name}="?([^",]*)`).exec(header)?.[1] ?? ''
}
