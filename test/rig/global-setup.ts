import type { FullConfig } from '@playwright/test'
import { buildConsumers } from './build-consumers.js'
import { startDisplay } from './display.js'

/** Builds what the test page loads and starts a display where headed tests are to run. */
export default async function globalSetup(config: FullConfig): Promise<() => void> {
  await buildConsumers()
  const runsHeaded = config.projects.some(({ name }) => name === 'headed')
  return runsHeaded ? startDisplay() : () => {}
}
