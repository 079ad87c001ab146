const prefix = 'latchkey '

/** Makes the name of a window or frame that a login opens. */
export function createWindowName(): string {
  return prefix + crypto.randomUUID()
}

/** Tells, once, whether this page is in a window or frame that a login opened, and the page of the login is still there. */
export function isInLoginWindow(): boolean {
  const isOurs = window.name.startsWith(prefix) && !!(parent === window ? opener : parent)
  // The next page in this window is one that the user went to.
  if (isOurs) window.name = ''
  return isOurs
}
