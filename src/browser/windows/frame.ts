/** Loads a URL in a hidden frame. The frame is removed when the signal is aborted. */
export function openFrame(url: string, signal: AbortSignal): HTMLIFrameElement {
  const frame = document.createElement('iframe')
  frame.hidden = true
  frame.title = 'silent login'
  frame.src = url
  document.documentElement.append(frame)
  signal.addEventListener('abort', () => frame.remove())
  return frame
}
