/**
 * Opens a channel to all pages of this origin that open one with the same name. Returns the function that posts to them. The signal
 * closes it. If the browser blocks all site data, Firefox throws, and no messages are exchanged.
 */
export function openChannel(
  name: string,
  onMessage: (data: any) => void,
  signal?: AbortSignal,
): (message: unknown) => void {
  try {
    const channel = new BroadcastChannel(name)
    channel.onmessage = ({ data }) => onMessage(data)
    signal?.addEventListener('abort', () => channel.close())
    return (message) => {
      if (!signal?.aborted) channel.postMessage(message)
    }
  } catch {
    return () => {}
  }
}
