/** A line to all pages of this origin that opened one of the same name. */
export interface Channel {
  post(message: unknown): void
  close(): void
}

/** Opens a line. Where the browser blocks all site data there is none (Firefox throws): nobody hears, nobody is heard. */
export function openChannel(name: string, onMessage: (data: any) => void): Channel {
  try {
    const channel = new BroadcastChannel(name)
    channel.onmessage = ({ data }) => onMessage(data)
    return { post: (message) => channel.postMessage(message), close: () => channel.close() }
  } catch {
    return { post() {}, close() {} }
  }
}
