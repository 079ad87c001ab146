import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { expect } from '@playwright/test'
import { Builder, Capabilities, type WebDriver } from 'selenium-webdriver'
import { findWebKit } from '../rig/browsers.mjs'

/** A WebKitGTK browser of its own, with an empty profile, and its WebDriver. */
export interface DrivenBrowser {
  driver: WebDriver
  close: () => Promise<void>
}

/** Starts a browser on a display. */
export async function startDrivenBrowser(display: string): Promise<DrivenBrowser> {
  const webKit = findWebKit()
  if (!webKit) throw new Error('WebKitGTK is not installed')
  const port = await findFreePort()
  const server = spawn(webKit.driver, [`--port=${port}`, '--host=127.0.0.1'], {
    stdio: 'ignore',
    // On a desktop with Wayland, GTK would open its windows there.
    env: { ...process.env, DISPLAY: display, GDK_BACKEND: 'x11' },
  })
  const stop = () => void server.kill()
  process.once('exit', stop)
  const url = `http://127.0.0.1:${port}`
  await expect.poll(() => isListening(`${url}/status`), { intervals: [50] }).toBe(true)
  const capabilities = new Capabilities({
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': { binary: webKit.browser, args: ['--automation'] },
  })
  const driver = await new Builder().usingServer(url).withCapabilities(capabilities).build()
  return {
    driver,
    async close() {
      try {
        await driver.quit()
      } finally {
        process.off('exit', stop)
        stop()
      }
    },
  }
}

async function isListening(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
