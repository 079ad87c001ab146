import { customFetch, protectedResourceRequest } from 'oauth4webapi'

/** What an API says in `WWW-Authenticate` (RFC 9110 section 11.6.1), names in lower case, values as they are. */
export interface Challenge {
  /** The scheme, in lower case: `bearer` or `dpop`. */
  scheme: string
  /** What stands in it, by name. */
  parameters: {
    /** `invalid_token`, `insufficient_scope` (RFC 6750 section 3.1), `insufficient_user_authentication` (RFC 9470 section 3). */
    error?: string
    /** The scope that is needed, space-separated. */
    scope?: string
    /** The authentication context classes that are needed, space-separated (RFC 9470 section 3). */
    acr_values?: string
    /** How long ago the user may have logged in, in seconds (RFC 9470 section 3). */
    max_age?: string
    [name: string]: string | undefined
  }
}

/**
 * Parses the challenges of an API's answer; none where there are none, or where the API does not expose
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
    // The library parses them in answers to its own requests: this one goes nowhere.
    await protectedResourceRequest('none', 'GET', new URL('https://none.invalid'), undefined, undefined, {
      [customFetch]: async () => response,
    })
  } catch (error) {
    const { cause } = error as { cause?: unknown }
    if (Array.isArray(cause)) return cause as Challenge[]
  }
  return []
}
