import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('the demo prints the URL of its app, and exits with status 0 at a signal', async () => {
  const demo = spawn(process.execPath, ['demo/start.mjs'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    let said = ''
    const started = new Promise<void>((resolve) => {
      demo.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.includes('Ctrl+C')) resolve()
      })
      demo.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
      demo.once('exit', () => resolve())
    })
    await started
    const urls = said.match(/\w+:\/\/[^\s)]+/g)
    expect(urls).toHaveLength(1)
    const app = await fetch(urls![0]!)
    expect(app.status).toBe(200)
    expect(await app.text()).toContain('Log in')
    const variables = await fetch(`${urls![0]}/quick-start.env`)
    expect(await variables.text()).toMatch(/^VITE_ISSUER=http:\/\/localhost:\d+$/m)
    demo.kill('SIGTERM')
    expect(await once(demo, 'exit')).toEqual([0, null])
    await expect(fetch(urls![0]!)).rejects.toThrow()
  } finally {
    demo.kill()
  }
}, 60_000)
