import { spawn } from 'node:child_process'
import { findOnPath } from './browsers.mjs'

/** An X server without a screen. */
export interface Display {
  /** What `DISPLAY` is set to. */
  name: string
  stop: () => void
}

/** Starts an X server without a screen and points `DISPLAY` at it. Returns the function that stops it. */
export async function startDisplay(): Promise<() => void> {
  if (process.env['DISPLAY']) return () => {}
  const display = await openDisplay()
  if (!display) return () => {}
  process.env['DISPLAY'] = display.name
  return display.stop
}

/** Starts an X server without a screen. Undefined where there is none to start. */
export async function openDisplay(): Promise<Display | undefined> {
  const command = findOnPath('Xvfb')
  if (!command || process.platform !== 'linux') return undefined
  const parameters = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp']
  const xvfb = spawn(command, parameters, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const number = await new Promise<string>((resolve, reject) => {
    xvfb.once('exit', (code) => reject(new Error(`Xvfb ended with code ${code}`)))
    xvfb.stdio[3]!.once('data', (data: Buffer) => resolve(data.toString().trim()))
  })
  const stop = () => void xvfb.kill()
  process.once('exit', stop)
  return { name: `:${number}`, stop }
}
