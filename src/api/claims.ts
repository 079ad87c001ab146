/**
 * The standard claims about a user (OpenID Connect Core section 5.1): which of them a server gives depends on the scope, and on the
 * server. Of what type they are was not checked. They are foreign data: never show them as HTML.
 */
export interface StandardClaims {
  /** The user's identifier, unique within the issuer. */
  sub: string
  /** The name to show; most servers give it with the scope `profile`, as they do the claims from here to `updated_at`. */
  name?: string | undefined
  /** The first name or names. */
  given_name?: string | undefined
  /** The surname or surnames. */
  family_name?: string | undefined
  /** The middle name or names. */
  middle_name?: string | undefined
  /** What friends call the user. */
  nickname?: string | undefined
  /** What the user wants to be called, such as `alice`. Not unique: `sub` is. */
  preferred_username?: string | undefined
  /** The URL of a page about the user. */
  profile?: string | undefined
  /** The URL of a picture of the user. */
  picture?: string | undefined
  /** The URL of a page of the user's own. */
  website?: string | undefined
  /** The gender, `female`, `male` or another word. */
  gender?: string | undefined
  /** The date of birth, as `YYYY-MM-DD`; `0000` stands for a year that is not told, and `YYYY` is one alone. */
  birthdate?: string | undefined
  /** The time zone, such as `Europe/Zurich`. */
  zoneinfo?: string | undefined
  /** The language and region, such as `de-CH`. */
  locale?: string | undefined
  /** When the user's information was last changed, in seconds since 1970. */
  updated_at?: number | undefined
  /** The e-mail address; most servers give it with the scope `email`. Unverified unless `email_verified` is true. */
  email?: string | undefined
  /** Whether the server knows that the e-mail address is the user's. */
  email_verified?: boolean | undefined
  /** The telephone number; most servers give it with the scope `phone`. Unverified unless `phone_number_verified` is true. */
  phone_number?: string | undefined
  /** Whether the server knows that the telephone number is the user's. */
  phone_number_verified?: boolean | undefined
  /** The postal address; most servers give it with the scope `address`. */
  address?: AddressClaim | undefined
}

/** A postal address (OpenID Connect Core section 5.1.1). */
export interface AddressClaim {
  /** All of it as it stands on a letter, in lines. */
  formatted?: string | undefined
  /** Street and number, in lines where it takes several. */
  street_address?: string | undefined
  /** The city. */
  locality?: string | undefined
  /** The state, province or canton. */
  region?: string | undefined
  /** The postal code. */
  postal_code?: string | undefined
  /** The country. */
  country?: string | undefined
}

/**
 * The claims of a validated ID token (OpenID Connect Core section 2). An app gives types to those of its own server by
 * `declare module 'latchkey' { interface Claims { roles?: string[] } }`, in a file that imports or exports something.
 */
export interface Claims extends StandardClaims {
  /** The issuer that says so. */
  iss: string
  /** Whatever else the server says. */
  [claim: string]: unknown
}
