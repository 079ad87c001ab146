import type { AuthorizationServer } from 'oauth4webapi'
import { buildAuthorizationUrl } from '../protocol/authorization-url.js'
import { isEndpoint } from '../protocol/secure-url.js'
import { buildRequest, elsewhere, nobody } from './authorization-request.js'
import type { Pages, Question } from './facts.js'
import type { Destination } from './navigate.js'
import { walkPages, type PageWalk } from './page-walk.js'
import { isAnswer, readJson, type Probe } from './probe.js'

interface Opened {
  clientId: string
  redirectUri: string
  destination: Destination
  params: Record<string, string>
}

/** Loads the pages of a login like a popup and a hidden iframe, and those of requests that must be rejected. */
export async function openPages(
  { clientId, redirectUri, par, origin }: Question & { clientId: string },
  metadata: AuthorizationServer,
  probe: Probe,
): Promise<Pages> {
  const open = (changes: Partial<Opened>) => {
    const login: Opened = { clientId, redirectUri, destination: 'document', params: {} }
    return authorize({ ...login, ...changes }, par, metadata, probe)
  }
  const inFrame = { destination: 'iframe', params: { prompt: 'none' } } as const
  const hasMessage = metadata.response_modes_supported?.includes('web_message')
  const byMessage = { ...inFrame, params: { prompt: 'none', responseMode: 'web_message' } }
  const openLogout = (returnTo: string) => {
    const { end_session_endpoint: endpoint } = metadata
    return isEndpoint(endpoint) ? openEndSession(endpoint!, clientId, returnTo, probe) : undefined
  }
  const [silent, login, ofNobody, atElsewhere, message, logout, logoutElsewhere] = await Promise.all([
    open(inFrame),
    open({}),
    open({ ...inFrame, clientId: nobody }),
    open({ ...inFrame, redirectUri: elsewhere }),
    hasMessage ? open(byMessage) : undefined,
    openLogout(`${origin}/`),
    openLogout(elsewhere),
  ])
  return {
    silent,
    login,
    nobody: ofNobody,
    elsewhere: atElsewhere,
    ...(message && { message }),
    ...(logout && { logout }),
    ...(logoutElsewhere && { logoutElsewhere }),
  }
}

/** Requests a logout (OpenID Connect RP-Initiated Logout section 2) in a window without a session. */
function openEndSession(
  endpoint: string,
  clientId: string,
  returnTo: string,
  probe: Probe,
): Promise<PageWalk> {
  const url = new URL(endpoint)
  url.searchParams.set('client_id', clientId)
  url.searchParams.set('post_logout_redirect_uri', returnTo)
  return walkPages(probe, url.href, returnTo, 'document')
}

async function authorize(
  { clientId, redirectUri, destination, params }: Opened,
  wantsPar: boolean,
  metadata: AuthorizationServer,
  probe: Probe,
): Promise<PageWalk> {
  const url = await buildRequest(metadata, clientId, redirectUri, params)
  const endpoint = metadata.pushed_authorization_request_endpoint
  const pushesFirst = wantsPar || metadata.require_pushed_authorization_requests
  if (!pushesFirst || !isEndpoint(endpoint)) {
    const walk = await walkPages(probe, url, redirectUri, destination)
    if (!isEndpoint(endpoint) || !mustPush(walk)) return walk
  }
  const form = Object.fromEntries(new URL(url).searchParams)
  const pushed = await probe.send(endpoint!, { form })
  if (!isAnswer(pushed)) return { steps: [], failure: pushed.failure, pushed: true }
  const { request_uri: requestUri } = readJson<{ request_uri: string }>(pushed) ?? {}
  if (!requestUri) return { steps: [pushed], pushed: true }
  const short = buildAuthorizationUrl(metadata, [], { clientId, requestUri }, [])
  return { ...(await walkPages(probe, short, redirectUri, destination)), pushed: true }
}

/** Some servers require PAR from a single client. Only the error shows that, not the metadata (RFC 9126 section 6). */
function mustPush({ returned, steps }: PageWalk): boolean {
  const last = steps.at(-1)
  return /\bpushed\b/i.test(
    returned?.get('error_description') ?? (last && last.status > 399 ? last.body : ''),
  )
}
