import type { Examination, Finding } from './examine-server.js'

/** What the app can show at a server. */
export type AbilityId =
  'dpop' | 'par' | 'refresh' | 'userinfo' | 'exchange' | 'resource' | 'logout' | 'revocation' | 'apis'

/** One thing that the app can show at a server, or the reason why it cannot. */
export interface Ability {
  id: AbilityId
  name: string
  available: boolean
  /** What the app does with it, or what is missing and what that means. */
  text: string
}

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** Describes what the app can show at a server, from its metadata and the doctor's findings. */
export function describeAbilities(
  { metadata, findings, userInfoProblems, boundPushProblem }: Examination,
  resource: string | undefined,
): Ability[] {
  // The doctor has no row where it could not read the metadata.
  const getRow = (id: string): Finding => findings[id] ?? { id, level: 'grey', found: 'not checked' }
  const findBroken = (...ids: string[]) =>
    ids.map(getRow).find(({ id, level }) => level === 'red' || !findings[id])
  const explain = (row: Finding, otherwise: string) => `${capitalize(row.found)}. ${otherwise}`
  const judge = (id: AbilityId, name: string, works: string, reason: string | undefined): Ability => ({
    ...{ id, name, available: reason === undefined },
    text: reason ?? works,
  })

  const bearer = 'Anyone who copies an access token can use it.'
  const dpopProblem =
    findBroken('dpop', 'cors-dpop') ?? (isWell(getRow('cors-dpop')) ? undefined : getRow('cors-dpop'))
  const hasDPoP = !!metadata.dpop_signing_alg_values_supported && !dpopProblem
  const parRow = ['par', 'cors-par'].map(getRow).find((row) => !isWell(row))
  // A request of a client with DPoP carries a proof.
  const parProblem = parRow?.found ?? (hasDPoP ? boundPushProblem : undefined)
  const plain = metadata.require_pushed_authorization_requests
    ? 'Its metadata requires them (require_pushed_authorization_requests), so the login will probably fail.'
    : 'The login request travels in the URL.'
  const userInfoProblem = userInfoProblems[hasDPoP ? 'dpop' : 'bearer']
  const onlyIdToken = 'The page only has the claims of the ID token.'
  const { revocation_endpoint: revocation, end_session_endpoint: endSession } = metadata
  const keptTokens = 'A logout deletes the refresh token in this browser, but does not revoke it.'
  const revocationRow = getRow('cors-revocation')

  return [
    judge(
      'dpop',
      'Tokens bound to a key (DPoP)',
      'On: a stolen token is useless without this browser’s key.',
      !metadata.dpop_signing_alg_values_supported
        ? `The server does not offer it (no dpop_signing_alg_values_supported). ${bearer}`
        : dpopProblem && explain(dpopProblem, bearer),
    ),
    judge(
      'par',
      'Pushed authorization requests (PAR)',
      'On: the login request goes directly to the server, and the URL only contains a reference to it.',
      !metadata.pushed_authorization_request_endpoint
        ? `The server does not offer them (no pushed_authorization_request_endpoint). ${plain}`
        : parProblem && `${capitalize(parProblem)}. ${plain}`,
    ),
    judge(
      'refresh',
      'Refresh tokens',
      'The token is renewed in the background, if the server issues a refresh token for this scope.',
      isWell(getRow('refresh'))
        ? undefined
        : explain(getRow('refresh'), 'Without one, a hidden iframe renews the token.'),
    ),
    judge(
      'userinfo',
      'Userinfo',
      '“Userinfo” asks the server for the user’s claims.',
      !metadata.userinfo_endpoint
        ? `The server has no userinfo_endpoint. ${onlyIdToken}`
        : userInfoProblem && `${capitalize(userInfoProblem)}. ${onlyIdToken}`,
    ),
    judge(
      'exchange',
      'Token exchange',
      '“Exchange” trades the access token for another one. Most servers allow this for services, but not for browser apps.',
      metadata.grant_types_supported?.includes(exchangeGrant)
        ? undefined
        : 'The server does not offer it (not in grant_types_supported).',
    ),
    judge(
      'resource',
      'Resource indicators',
      `The tokens are requested for ${resource}.`,
      resource
        ? undefined
        : 'The metadata does not show whether a server supports them. To try, add --resource <uri>.',
    ),
    judge(
      'logout',
      'Single logout',
      '“Log out” also ends the session at the server.',
      endSession
        ? undefined
        : 'The server has no end_session_endpoint: “Log out” ends only the session of this app.',
    ),
    judge(
      'revocation',
      'Token revocation',
      'A logout also revokes the refresh token at the server.',
      !revocation
        ? `The server has no revocation_endpoint. ${keptTokens}`
        : ['amber', 'red'].includes(revocationRow.level) || !findings['cors-revocation']
          ? explain(revocationRow, keptTokens)
          : undefined,
    ),
    judge(
      'apis',
      'The demo’s APIs',
      '',
      'These APIs accept only tokens from the demo’s own server. To try them, run npm start without --issuer.',
    ),
  ]
}

function isWell(row: Finding): boolean {
  return row.level === 'green'
}

const notForLogin = ['dpop', 'cors-dpop', 'cors-revocation', 'cors-userinfo', 'silent-frame', 'login-frame']

/** Finds what will probably make a login fail. */
export function findLoginProblems({ metadata, findings }: Examination): Finding[] {
  // Without PAR, the login request travels in the URL, unless the server requires PAR.
  const ofPar = metadata.require_pushed_authorization_requests ? [] : ['par', 'cors-par']
  const harmless = [...notForLogin, ...ofPar]
  return Object.values(findings).filter(({ id, level }) => level === 'red' && !harmless.includes(id))
}

function capitalize(text: string): string {
  // Parameter names stay as they are.
  return /^\w+_/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1)
}
