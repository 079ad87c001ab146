import './other-server.css'
import type { Ability } from '../describe-abilities.js'
import { byId, element } from './element.js'
import { isAvailable, type OtherServer } from './other-server.js'

/** Adapts the page to another server, and shows what that server offers. */
export function fitPage(server: OtherServer): void {
  setText(
    '.lead',
    `This page logs in at ${server.issuer} as the client ${server.clientId}, and keeps its tokens fresh.`,
  )
  setText('.hint', 'Log in with an account on that server.')
  showCode(server)

  const { abilities, problems } = server
  const warnings = problems.map(({ id, found, fix = '' }) =>
    element('li', {}, element('strong', {}, `${id}: ${found}`), element('p', {}, fix)),
  )
  const card = element(
    'section',
    { class: 'card abilities', 'aria-labelledby': 'abilities-title' },
    element('h2', { id: 'abilities-title' }, 'What this server offers'),
    element('p', { class: 'explain' }, 'According to its metadata and its responses to this app.'),
    ...(warnings.length
      ? [
          element(
            'div',
            { class: 'problems' },
            element('h3', {}, 'The login will probably fail'),
            element('ul', {}, ...warnings),
          ),
        ]
      : []),
    element('ul', {}, ...abilities.map(drawAbility)),
  )
  query('.session').after(card)

  // Pictures of calls to the demo's APIs.
  for (const section of document.querySelectorAll<HTMLElement>('section:has(> .head)')) {
    section.classList.add('missing')
    section.querySelector('.explain')!.textContent = byId('ability-apis').textContent
    for (const part of section.querySelectorAll<HTMLElement>(':scope > :not(.head)')) part.hidden = true
  }
  byId('api-title').textContent = 'Response'
  byId('access-token').previousElementSibling!.textContent =
    'What it grants access to is up to the server. An app does not need to look inside; this one does, to show you the claims.'
  for (const item of document.querySelectorAll<HTMLElement>('.try li:not([data-any-server])'))
    item.hidden = true
}

function drawAbility({ id, name, available, text }: Ability): HTMLElement {
  return element(
    'li',
    available ? {} : { class: 'missing' },
    element('strong', {}, name),
    element('span', { class: 'tag' }, available ? 'Yes' : 'No'),
    element('p', { id: `ability-${id}` }, text),
  )
}

/** Shows the code that this page runs. */
function showCode(server: OtherServer): void {
  const word = (text: string) => element('b', {}, text)
  const string = (text: string) => element('i', {}, `'${text}'`)
  const line = (...parts: (Node | string)[]) => element('span', {}, ...parts)
  const call = (name: string, ...parts: (Node | string)[]) => element('span', { 'data-call': name }, ...parts)
  const importLine = (name: string, from: string) =>
    line(word('import'), ` { ${name} } `, word('from'), ' ', string(from))
  const withDPoP = isAvailable(server, 'dpop')
  const withUserInfo = isAvailable(server, 'userinfo')
  const more = [...(isAvailable(server, 'par') ? ['par: true,'] : []), ...(withDPoP ? ['dpop: dpop(),'] : [])]
  query('.code code').replaceChildren(
    importLine('createClient', 'latchkey'),
    ...(withDPoP ? [importLine('dpop', 'latchkey/dpop')] : []),
    ...(withUserInfo ? [importLine('getUserInfo', 'latchkey/userinfo')] : []),
    line(' '),
    line(word('const'), ' auth = createClient({'),
    line(`  issuer, clientId, scope,${server.resource ? ' resource,' : ''}`),
    ...(server.discovery === 'oauth2' ? [line('  discovery: ', string('oauth2'), ',')] : []),
    ...(more.length ? [line(`  ${more.join(' ')}`)] : []),
    line('})'),
    line(' '),
    call('login', word('await'), ' auth.login()'),
    call('getToken', word('const'), ' token = ', word('await'), ' auth.getToken()'),
    ...(withUserInfo
      ? [call('getUserInfo', word('const'), ' user = ', word('await'), ' getUserInfo(auth)')]
      : []),
    call('logout', word('await'), ' auth.logout()'),
  )
}

function setText(selector: string, text: string): void {
  query(selector).textContent = text
}

function query(selector: string): Element {
  const found = document.querySelector(selector)
  if (!found) throw new Error(`nothing matches "${selector}"`)
  return found
}
