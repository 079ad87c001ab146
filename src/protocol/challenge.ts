import { customFetch, protectedResourceRequest } from 'oauth4webapi'

/** A challenge of `WWW-Authenticate` (RFC 9110 section 11.6.1), with names in lower case and values unchanged. */
export interface Challenge {
  /** The scheme, in lower case: `bearer` or `dpop`. */
  scheme: string
  /** Its parameters by name. */
  parameters: {
    /** `invalid_token`, `insufficient_scope` (RFC 6750 section 3.1), `insufficient_user_authentication` (RFC 9470 section 3). */
    error?: string
    /** The required scope, space-separated. */
    scope?: string
    /** The accepted authentication context classes, space-separated (RFC 9470 section 3). */
    acr_values?: string
    /** The maximum time since the user logged in, in seconds (RFC 9470 section 3). */
    max_age?: string
    [name: string]: string | undefined
  }
}

/**
 * Parses the challenges in an API's response. Resolves with an empty list if there are none, or if the API does not expose
 * `WWW-Authenticate` to this page (CORS).
 *
 * @example
 * import { parseChallenges } from 'latchkey'
 * const [challenge] = await parseChallenges(response)
 * if (challenge?.parameters.error === 'insufficient_user_authentication')
 *   await auth.login({ acrValues: challenge.parameters.acr_values ?? '' })
 * @see RFC 6750 section 3, RFC 9449 section 7.1, RFC 9470 section 3
 */
export async function parseChallenges(response: Response): Promise<Challenge[]> {
  try {
    // The library only parses them in responses to its own requests. This request is never sent.
    await protectedResourceRequest('none', 'GET', new URL('https://none.invalid'), undefined, undefined, {
      [customFetch]: async () => response,
    })
  } catch (error) {
    const { cause } = error as { cause?: unknown }
    if (Array.isArray(cause)) return cause as Challenge[]
  }
  return []
}
