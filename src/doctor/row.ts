/** The severity of a finding: fine, could be better, broken, or not checked. */
export type Level = 'green' | 'amber' | 'red' | 'grey'

/** All checks, in the order of the report, with their display names. */
export const checkNames = {
  origin: 'App origin',
  discovery: 'Discovery',
  issuer: 'Issuer',
  endpoints: 'Endpoints',
  'code-flow': 'Code flow',
  pkce: 'PKCE',
  'response-mode': 'Response mode',
  iss: 'Mix-up defence',
  'id-token-alg': 'ID token',
  'public-client': 'Public client',
  refresh: 'Refresh tokens',
  dpop: 'DPoP',
  par: 'PAR',
  logout: 'Logout',
  'cors-discovery': 'CORS: metadata',
  'cors-jwks': 'CORS: keys',
  'cors-token': 'CORS: tokens',
  'cors-dpop': 'CORS: DPoP',
  'cors-userinfo': 'CORS: userinfo',
  'cors-revocation': 'CORS: revocation',
  'cors-par': 'CORS: PAR',
  'redirect-uri': 'Redirect URI',
  'silent-frame': 'Silent login',
  'login-frame': 'Framed login',
  coop: 'Popup',
} as const

/** The identifier of a check. Stable, for use in scripts. */
export type CheckId = keyof typeof checkNames

/** The result of a check, and what to do about it. */
export interface Row {
  id: CheckId
  level: Level
  found: string
  fix?: string
}

/** Builds the row of a check that passed. */
export const green = (id: CheckId, found: string): Row => ({ id, level: 'green', found })

/** Builds the row of something that works, but not well. */
export const amber = (id: CheckId, found: string, fix: string): Row => ({ id, level: 'amber', found, fix })

/** Builds the row of something that is broken. */
export const red = (id: CheckId, found: string, fix: string): Row => ({ id, level: 'red', found, fix })

/** Builds the row of a check that was not performed. */
export const grey = (id: CheckId, found: string): Row => ({ id, level: 'grey', found })
