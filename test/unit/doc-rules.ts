import type { Documented } from './public-docs.js'

/** Calls and options that no specification knows, and why. */
export const withoutSpec: Record<string, string> = {
  isAuthError: 'errors of ours',
  'Client.ready': 'the state of a page',
  'Client.getState': 'the state of a page',
  'Client.subscribe': 'the state of a page',
  'Client.focusWindow': 'windows of a page',
  'Client.close': 'the life of an object of ours',
  'ClientOptions.onEvent': 'events of ours',
  'ClientOptions.timeouts': 'no specification limits the wait',
  'Timeouts.popup': 'no specification limits the wait',
  'Timeouts.transaction': 'no specification limits the wait',
  'Timeouts.iframe': 'no specification limits the wait',
  'Timeouts.request': 'no specification limits the wait',
  'OverlayOptions.texts': 'words of ours',
  'OverlayTexts.title': 'words of ours',
  'OverlayTexts.close': 'words of ours',
  'OverlayTexts.trouble': 'words of ours',
  'OverlayTexts.openWindow': 'words of ours',
  'Api.url': 'which URL belongs to which API is our rule',
  'LoginOptions.appState': 'stays on the page',
  '.signal': 'of the DOM, wherever it is',
  'ExchangeOptions.cache': 'where an app keeps a token is its own affair',
  'WatchSessionOptions.onCheck': 'results of ours',
  onSessionEnding: 'the fields are those of a draft and of servers',
  'SessionEndingOptions.before': 'the fields are those of a draft and of servers',
  logoutWhenIdle: 'no specification says when a user has left',
  'IdleOptions.after': 'no specification says when a user has left',
  'IdleOptions.warn': 'no specification says when a user has left',
  'IdleOptions.onWarning': 'no specification says when a user has left',
  'IdleWarning.stay': 'no specification says when a user has left',
  'indexedDBStore options.name': 'the name of a database',
}

/** Files whose names are those of a framework, a bundler or a test: no specification of OAuth is behind them. */
const binding = /^src\/(angular|react|vue|svelte|solid|vite|global|element|testing|doctor)\b/

/** Names that are written as codes are: parameters, claims and metadata of specifications, errors of an API, events of ours. */
export const otherWords: string[] = [
  'dpop_signing_alg_values_supported',
  ...['login_hint', 'ui_locales', 'acr_values', 'max_age', 'authorization_details', 'error_description'],
  ...[
    'web_message',
    'select_account',
    'auth_time',
    'email_verified',
    'phone_number_verified',
    'updated_at',
    'may_act',
    'id_token',
  ],
  ...[
    'authorization_endpoint',
    'token_endpoint',
    'userinfo_endpoint',
    'jwks_uri',
    'require_pushed_authorization_requests',
    'end_session_endpoint',
  ],
  ...['initiate_login_uri', 'target_link_uri', 'check_session_iframe', 'session_state'],
  ...['client_id', 'id_token_hint', 'post_logout_redirect_uri'],
  ...['issued_token_type', 'access_token', 'refresh_token', 'expires_in', 'n_a'],
  ...['invalid_token', 'insufficient_user_authentication'],
  ...['screen_hint', 'kc_action'],
  ...['logout_incomplete', 'store_failed'],
]

const spec = /\bRFC \d{4,5}\b|\bOpenID Connect [A-Z]|\bOAuth 2\.0 [A-Z]/
const sections = /( sections? \d+(\.\d+)*((,| and| to) \d+(\.\d+)*)*)?/
const reference = new RegExp(
  `^(RFC \\d{4,5}|(?:OpenID Connect|OAuth 2.0) [A-Z][\\w. -]*?)${sections.source}$`,
)

/** Says what the JSDoc of a public name lacks, or says wrongly; `codes` are those of `AuthError`. */
export function checkDocs({ name, at, role, text, tags }: Documented, codes: string[]): string[] {
  const all = [text, ...tags.filter((tag) => tag.name !== 'example').map((tag) => tag.text)].join('\n')
  const isOurs = role === 'call' || role === 'option'
  const examples = tags.filter((tag) => tag.name === 'example').length
  const isFree = Object.keys(withoutSpec).some((free) => isNamed(name, free))
  const problems: string[] = []

  if (!/^[A-Z`][^]*?[.;:](\s|$)/.test(text)) problems.push('has no JSDoc that starts with a sentence')
  else if (role === 'call' && !/^[A-Z][a-z]+s\b/.test(text))
    problems.push('does not start in the third person: "Gets the token."')
  if (isOurs && examples !== 1) problems.push(`has ${examples} @example: give it one`)
  if (isOurs && !spec.test(all) && !isFree && !binding.test(at))
    problems.push('names no specification: cite it by @see, or give the reason in "withoutSpec"')
  if (spec.test(all) && isFree) problems.push('names a specification: take it out of "withoutSpec"')
  for (const tag of tags.filter((one) => one.name === 'see'))
    for (const one of tag.text.split(/, (?=[A-Z])/))
      if (!reference.test(one)) problems.push(`has a @see that is no "RFC 9126 section 2": "${one}"`)
  for (const word of findWords(all))
    if (!codes.includes(word) && !otherWords.includes(word))
      problems.push(`names \`${word}\`, which is no code of AuthError, and not in "otherWords"`)
  return problems.map((problem) => `${name} (${at}) ${problem}`)
}

/** Tells whether an exception is for a name: for that one, or with a dot in front for a member of any interface. */
export function isNamed(name: string, exception: string): boolean {
  return name === exception || (exception.startsWith('.') && name.endsWith(exception))
}

/** Finds the words in backticks that are written as codes are: `popup_closed`. */
export function findWords(text: string): string[] {
  return [...text.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, word]) => word!)
}

/** Says which codes no call and no option names. */
export function findUnnamedCodes(docs: Documented[], codes: string[]): string[] {
  const texts = docs.filter(({ role }) => role === 'call' || role === 'option').map(({ text }) => text)
  return codes.filter((code) => !texts.some((text) => text.includes(`\`${code}\``)))
}

/** Reads the table of codes: each with what its JSDoc says. */
export function readCodeTable(source: string): { code: string; text: string }[] {
  const table = /export type AuthErrorCode =\n([^]*?)\n\n/.exec(source)?.[1] ?? ''
  return [...table.matchAll(/(?:\/\*\* (.*) \*\/\n)?^ {2}\| '(\w+)'/gm)].map(([, text = '', code]) => ({
    code: code!,
    text,
  }))
}
