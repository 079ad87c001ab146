/** Opens a popup centered over this window. Returns null if the browser blocks it. Must be called during a user gesture. */
export function openPopup(url: string, name: string): Window | null {
  const left = screenX + (outerWidth - 480) / 2
  const top = screenY + (outerHeight - 680) / 2
  const popup = open(url, name, `popup,width=480,height=680,left=${left},top=${top}`)
  // Some blockers return a window that is already closed.
  return popup?.closed ? null : popup
}
