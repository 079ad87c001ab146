import { spawn } from 'node:child_process'
import { findOnPath } from './browsers.mjs'

/** Starts an X server without a screen and points `DISPLAY` at it. Returns the function that stops it. */
export async function startDisplay(): Promise<() => void> {
  const command = findOnPath('Xvfb')
  if (!command || process.env['DISPLAY'] || process.platform !== 'linux') return () => {}
  const parameters = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp']
  const xvfb = spawn(command, parameters, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const number = await new Promise<string>((resolve, reject) => {
    xvfb.once('exit', (code) => reject(new Error(`Xvfb ended with code ${code}`)))
    xvfb.stdio[3]!.once('data', (data: Buffer) => resolve(data.toString().trim()))
  })
  process.env['DISPLAY'] = `:${number}`
  const stop = () => void xvfb.kill()
  process.once('exit', stop)
  return stop
}
