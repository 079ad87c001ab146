/** How long the `load` event can be delayed, in milliseconds. */
const limit = 3000

/**
 * Delays the `load` event of this page, which must not have been parsed completely, until the returned function is called: a page that
 * frames this one can then wait for what this one does. An open document in a frame has the same effect as a resource that is loading.
 */
export function delayLoad(): () => void {
  const frame = document.createElement('iframe')
  frame.hidden = true
  document.documentElement.append(frame)
  const inner = frame.contentDocument!
  inner.open()
  const end = () => inner.close()
  setTimeout(end, limit)
  return end
}
