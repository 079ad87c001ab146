import { setTimeout as wait } from 'node:timers/promises'
import type { SoakTab } from './soak-tab.js'

/** Fills in the authorization server's page, if that is what a popup shows. */
const signIn = `(() => {
  const form = document.querySelector('#password')?.form
  if (!form) return false
  form.login.value = 'alice'
  form.password.value = 'secret'
  form.requestSubmit()
  return true
})()`

/** Logs in by popup. Throws when the login fails. */
export async function logIn(tab: SoakTab, clientId: string): Promise<void> {
  let isOver = false
  const login = tab.evaluate<string>(`soak.login(${JSON.stringify(clientId)})`).finally(() => (isOver = true))
  const answering = answerPopup(tab, () => isOver)
  const failure = await login
  await answering
  if (failure) throw new Error(`the login of ${clientId} failed: ${failure}`)
}

async function answerPopup(tab: SoakTab, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    try {
      const popup = await tab.findPopup()
      if (popup && (await popup.evaluate(signIn))) return
    } catch {
      // The popup has closed itself meanwhile.
    }
    await wait(100)
  }
}
