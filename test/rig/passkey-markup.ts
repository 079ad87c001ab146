/** The buttons of `passkeys.ts`, and their script. */
export const passkeyMarkup = `
<div class="actions">
  <button type="button" id="create">Create a passkey</button>
  <button type="button" id="use">Log in with a passkey</button>
</div>
<p role="alert" id="failure"></p>
<script type="module">
  const post = async (fields) => {
    const login = document.querySelector('#login').value
    const body = new URLSearchParams({ login, ...fields })
    return (await fetch(location.pathname + '/passkey', { method: 'POST', body })).json()
  }
  const ask = async (step, finished, getCredential) => {
    try {
      const options = await post({ step })
      const credential = await getCredential(options)
      const answer = await post({ step: finished, credential: JSON.stringify(credential) })
      if (answer.error) throw new Error(answer.error)
      location.href = answer.location
    } catch (error) {
      document.querySelector('#failure').textContent = error.name + ': ' + error.message
    }
  }
  const { credentials } = navigator
  document.querySelector('#create').onclick = () =>
    ask('create', 'created', (options) =>
      credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
    )
  document.querySelector('#use').onclick = () =>
    ask('use', 'used', (options) =>
      credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
    )
</script>`
