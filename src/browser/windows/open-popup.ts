/** Opens a window of its own, in the middle of this one; null when the browser blocks it. Call it inside a gesture. */
export function openPopup(url: string, name: string): Window | null {
  const left = screenX + (outerWidth - 480) / 2
  const top = screenY + (outerHeight - 680) / 2
  const popup = open(url, name, `popup,width=480,height=680,left=${left},top=${top}`)
  // Some blockers hand out a window that is closed already.
  return popup?.closed ? null : popup
}
