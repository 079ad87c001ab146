/** Says why a browser does not show a page in a frame of `origin`; undefined if it does. */
export function judgeFraming(headers: Headers, pageUrl: string, origin: string): string | undefined {
  const page = new URL(pageUrl)
  const lists = findFrameAncestors(headers)
  for (const sources of lists)
    if (!sources.some((source) => matches(source, new URL(origin), page)))
      return `CSP: frame-ancestors ${sources.join(' ') || "'none'"}`
  // Browsers then ignore X-Frame-Options (CSP Level 3, section 7.7).
  if (lists.length > 0) return undefined
  const header = headers.get('x-frame-options')
  const values = new Set((header ?? '').toLowerCase().split(/\s*,\s*/))
  const isKnown = ['deny', 'sameorigin', 'allowall'].some((value) => values.has(value))
  const isRefused =
    (values.size > 1 && isKnown) || values.has('deny') || (values.has('sameorigin') && page.origin !== origin)
  return isRefused ? `X-Frame-Options: ${header}` : undefined
}

/** Tells whether any site may frame a page. */
export function isFramedByAll(headers: Headers, pageUrl: string): boolean {
  return !judgeFraming(headers, pageUrl, 'https://nobody.invalid')
}

function findFrameAncestors(headers: Headers): string[][] {
  const policies = (headers.get('content-security-policy') ?? '').split(',')
  return policies.flatMap((policy) => {
    const directives = policy.split(';').map((one) => one.trim().split(/\s+/))
    // Only the first directive of a name counts.
    const directive = directives.find(([name]) => name?.toLowerCase() === 'frame-ancestors')
    return directive ? [directive.slice(1)] : []
  })
}

const hostSource = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*|(?:\*\.)?[^/:*]+|\[[^\]]+\])(?::(\d+|\*))?(?:\/.*)?$/i

function matches(source: string, app: URL, page: URL): boolean {
  if (source === '*') return /^https?:$/.test(app.protocol)
  if (/^'self'$/i.test(source)) return app.origin === page.origin
  if (/^[a-z][a-z0-9+.-]*:$/i.test(source)) return isScheme(source.slice(0, -1), app)
  const [, scheme, host, port] = hostSource.exec(source) ?? []
  if (!host || !isScheme(scheme ?? page.protocol.slice(0, -1), app)) return false
  const name = host.toLowerCase()
  const isHost =
    name === '*' || (name.startsWith('*.') ? app.hostname.endsWith(name.slice(1)) : app.hostname === name)
  return isHost && isPort(port, app)
}

/** `http` includes `https`. */
function isScheme(scheme: string, app: URL): boolean {
  const wanted = scheme.toLowerCase()
  return app.protocol === `${wanted}:` || (wanted === 'http' && app.protocol === 'https:')
}

function isPort(port: string | undefined, app: URL): boolean {
  const own = app.port || (app.protocol === 'https:' ? '443' : '80')
  const usual = app.protocol === 'https:' ? '443' : '80'
  return port === '*' || own === (port ?? usual) || (port === '80' && own === '443')
}
