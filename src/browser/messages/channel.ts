/**
 * Opens a line to all pages of this origin that open one of the same name, and gives the function that posts to them. It
 * ends with the signal. Where the browser blocks all site data there is none (Firefox throws): nobody hears, nobody is
 * heard.
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
