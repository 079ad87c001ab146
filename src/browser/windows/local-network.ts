/**
 * Lets the frame load pages from servers on the local network, such as a company's identity provider or the callback page of an intranet
 * app, if the user allows it for this page. Chromium only asks the user if the page delegates this permission to the frame.
 */
export function delegateLocalNetwork(frame: HTMLIFrameElement & Policed): void {
  const feature = 'local-network-access'
  // Browsers that do not know the feature, such as Firefox, would warn about it in the console.
  if (!frame.featurePolicy?.features().includes(feature)) return
  frame.allow = [frame.allow, `${feature} *`].filter(Boolean).join('; ')
}

/** A frame in Chromium. */
interface Policed {
  featurePolicy?: { features(): string[] }
}
