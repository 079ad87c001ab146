/**
 * Lets the frame go to servers in the local network, if the user allows this page to: an identity provider of a company, or the callback
 * page of an app that runs there. Chromium asks the user only for frames to which the page passes this permission on.
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
