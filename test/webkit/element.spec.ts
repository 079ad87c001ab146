import { signIn } from '../rig/sign-in.js'
import { expect, test } from './fixtures.js'

/** Gets the names of the buttons that the element shows. During a logout, another page is there. */
const shownButtons = () =>
  [...(document.querySelector('login-button')?.shadowRoot?.querySelectorAll('button') ?? [])]
    .filter((button) => button.checkVisibility())
    .map(({ textContent }) => textContent)

const shownUser = () => document.querySelector('login-button')!.shadowRoot!.querySelector('bdi')?.textContent

test('logs in and out with the login button', async ({ tab, tabs, as, app }) => {
  const button = `<login-button issuer="${as.issuer}" client-id="${as.clientId}" scope="openid profile"></login-button>`
  app.route('/', () => ({
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Button</title>
      <script type="module" src="/latchkey.js"></script></head><body>${button}</body></html>`,
  }))
  await tab.goto('/')
  await expect.poll(() => tab.evaluate(shownButtons)).toEqual(['Log in'])
  await signIn(await tabs.popupOf(() => tab.click('login-button')))
  await expect.poll(() => tab.evaluate(shownButtons)).toEqual(['Log out'])
  expect(await tab.evaluate(shownUser)).toBe('Alice')
  await expect.poll(() => tabs.count()).toBe(1)
  expect(as.count('token')).toBe(1)
  await tab.click('login-button')
  await expect.poll(() => as.count('end_session')).toBe(1)
  await expect.poll(() => tab.evaluate(shownButtons)).toEqual(['Log in'])
})
