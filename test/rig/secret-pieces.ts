/** What is shorter is a test's own made-up value. */
export const shortest = 20

/** Tells whether a text holds a secret or a long piece of one: as it is, in percent-encoding or in base64. */
export function holdsSecret(text: string, secrets: Set<string>): boolean {
  return holdsPiece(text, piecesOf(secrets))
}

/** Tells whether a text holds one of the pieces. */
export function holdsPiece(text: string, pieces: string[]): boolean {
  if (text.length < shortest) return false
  const readings = [text, ...(text.includes('%') ? [text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))] : [])] // prettier-ignore
  return readings.some((reading) => pieces.some((piece) => reading.includes(piece)))
}

/** Lists what stands for each secret in a text. */
export function piecesOf(secrets: Set<string>): string[] {
  return [...secrets].flatMap((secret) => {
    if (secret.length < shortest) return []
    // A JWT's beginning says nothing; its end is the signature.
    const pieces = [secret.slice(-shortest), ...(secret.includes('.') ? [] : [secret.slice(0, shortest)])]
    const encoded = [0, 1, 2].map((shift) => Buffer.from(secret).subarray(shift, shift + 18).toString('base64')) // prettier-ignore
    return [...pieces, ...encoded]
  })
}
