const prefix = 'latchkey '

/** Creates the name of a window or frame that a login opens. */
export function createWindowName(): string {
  return prefix + crypto.randomUUID()
}

/**
 * Tells whether a login has opened the window or frame of this page, and the page of that login still exists. Returns true only
 * once.
 */
export function isInLoginWindow(): boolean {
  const isOurs = window.name.startsWith(prefix) && !!(parent === window ? opener : parent)
  // Only for this page: the user may go on to the next one in this window.
  if (isOurs) window.name = ''
  return isOurs
}
