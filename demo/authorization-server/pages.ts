import { describePayment, isPayment } from './payment.js'

/**
 * The pages of the demo's authorization server: sign in, consent, errors, sign out.
 *
 * Each is a pure function that returns a complete HTML document. The documents use no script and load nothing, so they work in a
 * 480-pixel popup, on a phone and under any Content Security Policy that allows inline styles.
 */

/** Options of `loginPage`. */
export interface LoginPageOptions {
  /** Where the form posts `login` and `password` to. */
  action: string
  /** Where "Cancel" posts to. */
  abortAction: string
  /** The name of the requesting app. */
  clientName: string
  /** The initial user name. */
  loginHint?: string | undefined
  /** Why the last attempt failed. */
  error?: string | undefined
}

/** Options of `consentPage`. */
export interface ConsentPageOptions {
  /** Where "Allow" posts to. */
  action: string
  /** Where "Deny" posts to. */
  abortAction: string
  /** The name of the requesting app. */
  clientName: string
  /** The requested scope values. */
  scopes: string[]
  /** The requested resources (RFC 8707). */
  resources: string[]
  /** The requested authorization details (RFC 9396). */
  details: ({ type: string } & Record<string, unknown>)[]
  /** The name of the user who is signed in. */
  user: string
}

/** Builds the page that asks for a user name and password. */
export function loginPage({
  action,
  abortAction,
  clientName,
  loginHint = '',
  error,
}: LoginPageOptions): string {
  const focus = (field: 'login' | 'password') =>
    (loginHint ? 'password' : 'login') === field ? ' autofocus' : ''
  const invalid = error ? ' aria-invalid="true" aria-describedby="error"' : ''
  return page(
    'Sign in',
    `<h1>Sign in</h1>
    <p class="lead">to continue to <strong>${escape(clientName)}</strong></p>
    ${error ? `<p class="alert" role="alert" id="error">${escape(error)}</p>` : ''}
    <form id="sign-in" method="post" action="${escape(action)}">
      <label for="login">User name</label>
      <input id="login" name="login" value="${escape(loginHint)}" required autocomplete="username"
        autocapitalize="none" autocorrect="off" spellcheck="false"${focus('login')}${invalid}>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" required autocomplete="current-password"${focus('password')}${invalid}>
    </form>
    <div class="actions">
      <button class="primary" form="sign-in">Sign in</button>
      <form method="post" action="${escape(abortAction)}"><button>Cancel</button></form>
    </div>
    <p class="note">This is a demo server: any user name works with any non-empty password.</p>`,
  )
}

/** Options of `secondFactorPage`. */
export interface SecondFactorPageOptions {
  /** Where the form posts `code` to. */
  action: string
  /** Where "Cancel" posts to. */
  abortAction: string
  /** The name of the requesting app. */
  clientName: string
  /** The name of the user who is signed in. */
  user: string
  /** Why the last attempt failed. */
  error?: string | undefined
}

/** Builds the page that asks for a second factor. */
export function secondFactorPage({
  action,
  abortAction,
  clientName,
  user,
  error,
}: SecondFactorPageOptions): string {
  const invalid = error ? ' aria-invalid="true" aria-describedby="error"' : ''
  return page(
    'Confirm it is you',
    `<h1>Confirm it is you</h1>
    <p class="lead"><strong>${escape(clientName)}</strong> requires a second factor to continue</p>
    ${error ? `<p class="alert" role="alert" id="error">${escape(error)}</p>` : ''}
    <form id="confirm" method="post" action="${escape(action)}">
      <label for="code">Code</label>
      <input id="code" name="code" required inputmode="numeric" autocomplete="one-time-code" maxlength="6" autofocus${invalid}>
    </form>
    <div class="actions">
      <button class="primary" form="confirm">Confirm</button>
      <form method="post" action="${escape(abortAction)}"><button>Cancel</button></form>
    </div>
    <p class="note">This is a demo server: any six digits will do.</p>`,
    `Signed in as <strong>${escape(user)}</strong>`,
  )
}

/** Builds the page that asks the user to consent to the app's request. */
export function consentPage({
  action,
  abortAction,
  clientName,
  scopes,
  resources,
  details,
  user,
}: ConsentPageOptions): string {
  // The details come first, because they apply to this request only.
  const permissions = [
    ...details.map((detail) => [describeDetail(detail), detail.type]),
    ...scopes.map((scope) => [meanings[scope], scope]),
  ].map(
    ([text, name = '']) =>
      `<li><span>${escape(text || 'Use this permission')}</span> <code>${escape(name)}</code></li>`,
  )
  return page(
    'Allow access',
    `<h1>Allow access?</h1>
    <p class="lead"><strong>${escape(clientName)}</strong> would like to:</p>
    <ul class="permissions">${permissions.join('')}</ul>
    ${resources.length ? `<p class="lead">at ${resources.map((resource) => `<code>${escape(resource)}</code>`).join(', ')}</p>` : ''}
    <div class="actions">
      <form method="post" action="${escape(action)}"><button class="primary" autofocus>Allow</button></form>
      <form method="post" action="${escape(abortAction)}"><button>Deny</button></form>
    </div>`,
    `Signed in as <strong>${escape(user)}</strong>`,
  )
}

function describeDetail(detail: { type: string } & Record<string, unknown>): string {
  if (isPayment(detail)) return describePayment(detail)
  const { type: _, ...fields } = detail
  const say = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value))
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${[value].flat().map(say).join(', ')}`)
    .join(' · ')
}

/** Builds the page for an error that cannot be sent back to the app. */
export function errorPage({ title, message }: { title: string; message: string }): string {
  return page(
    title,
    `<h1>${escape(title)}</h1>
    <p class="alert">${escape(message)}</p>
    <p class="note">Nothing was sent back to the app. Close this window, or go back and start again.</p>`,
  )
}

/** Builds the page that asks whether to end the session; `form` is the unchanged form from oidc-provider. */
export function logoutPage({ form }: { form: string }): string {
  return page(
    'Sign out',
    `<h1>Sign out of Doorman?</h1>
    <p class="lead">Apps that you used with this session will ask you to sign in again.</p>
    ${form}
    <div class="actions">
      <button class="primary" form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
      <button form="op.logoutForm">Stay signed in</button>
    </div>`,
  )
}

/** Builds the page that ends a sign-out without a page to return to. */
export function signedOutPage(): string {
  return page('Signed out', `<h1>You are signed out</h1><p class="lead">You can close this window.</p>`)
}

/** Options of `frontChannelLogoutPage`. */
export interface FrontChannelLogoutPageOptions {
  /** The URLs of the apps' logout pages. */
  frames: string[]
  /** Where to go on when all of them have loaded. */
  to: string
}

/** Builds the page that tells apps of a logout, in frames (OpenID Connect Front-Channel Logout 1.0). The only one with a script. */
export function frontChannelLogoutPage({ frames, to }: FrontChannelLogoutPageOptions): string {
  return page(
    'Signing out',
    `<h1>You are signing out</h1>
    <p class="lead"><a href="${escape(to)}">Continue</a></p>
    ${frames.map((url) => `<iframe hidden src="${escape(url)}"></iframe>`).join('\n')}
    <script>
      document.addEventListener('readystatechange', () => {
        if (document.readyState === 'complete') location.replace(document.querySelector('a').href)
      })
    </script>`,
  )
}

/** Descriptions of scope values for the user. */
const meanings: Record<string, string> = {
  openid: 'See who you are',
  profile: 'See your name',
  email: 'See your e-mail address',
  offline_access: 'Stay connected while you are away',
  'orders:read': 'See your orders',
  'stock:read': 'Check stock on your behalf',
  'payments:read': 'See your bills',
  'orders:write': 'Change your orders',
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!)
}

function page(title: string, body: string, footer = 'The demo’s authorization server'): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <meta name="color-scheme" content="light dark">
  <meta name="referrer" content="no-referrer">
  <link rel="icon" href="data:,">
  <title>${escape(title)} · Doorman</title>
  <style>${style}</style>
</head>
<body>
  <main>
    <p class="brand">${mark}Doorman</p>
    ${body}
  </main>
  <footer>${footer}</footer>
</body>
</html>
`
}

const mark =
  '<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><rect width="32" height="32" rx="8"/><path d="M10 26V14a6 6 0 0 1 12 0v12M19 20v.01"/></svg>'

const style = `
:root { color-scheme: light dark; --ground: #e9efec; --card: #fff; --ink: #14211d; --soft: #50605a; --line: #cbd6d1;
  --edge: #74857e; --accent: #0d5c4b; --on-accent: #fff; --hover: #0a4a3c; --tint: #edf4f1; --bad: #a3231c; --bad-tint: #fdeeec }
@media (prefers-color-scheme: dark) { :root { --ground: #0c1210; --card: #141d1a; --ink: #e6eeea; --soft: #a3b3ac; --line: #2b3934;
  --edge: #74877f; --accent: #62d2b5; --on-accent: #05231b; --hover: #86e2ca; --tint: #1b2723; --bad: #ff9d93; --bad-tint: #361a18 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; grid-template-rows: 1fr auto; justify-items: center;
  font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground) }
main { align-self: center; width: min(26rem, 100% - 2rem); margin: 1.5rem 0; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 1rem; box-shadow: 0 1rem 3rem -1.5rem rgb(0 20 14 / .35) }
.brand { display: flex; align-items: center; gap: .6rem; margin: 0 0 1.75rem; font-weight: 650; letter-spacing: -.01em }
.brand rect { fill: var(--accent) }
.brand path { fill: none; stroke: var(--on-accent); stroke-width: 2.5; stroke-linecap: round }
h1 { margin: 0; font-size: 1.625rem; line-height: 1.2; letter-spacing: -.02em; text-wrap: balance }
.lead { margin: .4rem 0 0; color: var(--soft) }
.lead strong { color: var(--ink); font-weight: 600 }
label { display: block; margin: 1.1rem 0 .35rem; font-size: .875rem; font-weight: 600 }
input:not([type=hidden]) { display: block; width: 100%; padding: .65rem .8rem; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--edge); border-radius: .6rem }
input[aria-invalid] { border-color: var(--bad) }
button { width: 100%; padding: .65rem 1rem; font: inherit; font-weight: 600; color: inherit; background: none;
  border: 1px solid var(--edge); border-radius: .6rem; cursor: pointer }
button:hover { background: var(--tint) }
.primary { color: var(--on-accent); background: var(--accent); border-color: var(--accent) }
.primary:hover { background: var(--hover); border-color: var(--hover) }
:is(input, button):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.actions { display: grid; gap: .6rem; margin-top: 1.5rem }
.permissions { margin: 1.1rem 0 0; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: .75rem; overflow: hidden }
.permissions li { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem; padding: .5rem .9rem }
.permissions li + li { border-top: 1px solid var(--line) }
.permissions + .lead { font-size: .875rem }
code { font: .8125rem/1.6 ui-monospace, monospace; color: var(--soft); overflow-wrap: anywhere }
.alert { margin: 1.1rem 0 0; padding: .65rem .9rem; color: var(--bad); background: var(--bad-tint); border-radius: .6rem; overflow-wrap: anywhere }
.note { margin: 1.25rem 0 0; font-size: .875rem; color: var(--soft) }
footer { padding: 0 1rem 1rem; font-size: .8125rem; color: var(--soft); text-align: center; overflow-wrap: anywhere }
@media (max-width: 32rem) { body { background: var(--card) }
  main { align-self: start; width: 100%; max-width: 26rem; margin: 0; padding: 1.75rem 1.5rem; background: none; border: 0; box-shadow: none } }
`
