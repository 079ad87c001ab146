/**
 * The standard claims about a user (OpenID Connect Core section 5.1). Which ones are present depends on the scope and on the
 * server. Their types are not checked at runtime. They are untrusted data: never render them as HTML.
 */
export interface StandardClaims {
  /** The identifier of the user, unique within the issuer. */
  sub: string
  /** The display name. Most servers send this and the claims down to `updated_at` with the scope `profile`. */
  name?: string | undefined
  /** First name or names. */
  given_name?: string | undefined
  /** Last name or names. */
  family_name?: string | undefined
  /** Middle name or names. */
  middle_name?: string | undefined
  /** Casual name. */
  nickname?: string | undefined
  /** The user name the user prefers, such as `alice`. Not unique, unlike `sub`. */
  preferred_username?: string | undefined
  /** URL of the profile page of the user. */
  profile?: string | undefined
  /** URL of a picture of the user. */
  picture?: string | undefined
  /** URL of the website or blog of the user. */
  website?: string | undefined
  /** Gender: `female`, `male` or another value. */
  gender?: string | undefined
  /** Date of birth, as `YYYY-MM-DD`. The year is `0000` if omitted. `YYYY` is the year alone. */
  birthdate?: string | undefined
  /** Time zone, such as `Europe/Zurich`. */
  zoneinfo?: string | undefined
  /** Language and region, such as `de-CH`. */
  locale?: string | undefined
  /** When these claims were last updated, in seconds since 1970. */
  updated_at?: number | undefined
  /** E-mail address. Most servers send it with the scope `email`. Unverified unless `email_verified` is true. */
  email?: string | undefined
  /** Whether the server has verified that the user controls the e-mail address. */
  email_verified?: boolean | undefined
  /** Phone number. Most servers send it with the scope `phone`. Unverified unless `phone_number_verified` is true. */
  phone_number?: string | undefined
  /** Whether the server has verified that the user controls the phone number. */
  phone_number_verified?: boolean | undefined
  /** Postal address. Most servers send it with the scope `address`. */
  address?: AddressClaim | undefined
}

/** A postal address (OpenID Connect Core section 5.1.1). */
export interface AddressClaim {
  /** The full address, formatted for a mailing label, in lines. */
  formatted?: string | undefined
  /** Street and number, possibly in several lines. */
  street_address?: string | undefined
  /** City. */
  locality?: string | undefined
  /** State, province or canton. */
  region?: string | undefined
  /** Postal code. */
  postal_code?: string | undefined
  /** Country. */
  country?: string | undefined
}

/**
 * The claims of a validated ID token (OpenID Connect Core section 2). To add types for claims of your own server, write
 * `declare module 'latchkey' { interface Claims { roles?: string[] } }` in a file that imports or exports something.
 */
export interface Claims extends StandardClaims {
  /** The issuer of the ID token. */
  iss: string
  /** Any other claim. */
  [claim: string]: unknown
}
