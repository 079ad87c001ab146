/** A link of a document to another file, or to a heading. */
export interface DocLink {
  /** The line that it stands in. */
  line: number
  /** The path as it is written; empty for the same document. */
  path: string
  /** The heading, as it is written in a URL; empty for the file as a whole. */
  anchor: string
}

const link = /\]\(([^()\s]+)\)|<(?:img|source|a)\s[^>]*?(?:src|srcset|href)="([^"]+)"/g
const code = /^( *)(```+)[^]*?^\1\2$|`[^`\n]+`/gm

/** Finds the links of a Markdown document that lead into this repository. */
export function findDocLinks(source: string): DocLink[] {
  return [...withoutCode(source).matchAll(link)].flatMap(({ 1: markdown, 2: html, index }) => {
    const target = (markdown ?? html)!
    if (/^[a-z]+:/.test(target)) return []
    const [path = '', anchor = ''] = target.split('#')
    return [{ line: source.slice(0, index).split('\n').length, path, anchor }]
  })
}

/** Lists the anchors that a document's headings get where it is shown: words in lower case with hyphens between them. */
export function findAnchors(source: string): string[] {
  const headings = withoutBlocks(source).matchAll(/^#{1,6} (.+)$/gm)
  const seen = new Map<string, number>()
  return [...headings].map(([, heading]) => {
    const text = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '')
    const anchor = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    const count = seen.get(anchor) ?? 0
    seen.set(anchor, count + 1)
    return count ? `${anchor}-${count}` : anchor
  })
}

/** Blanks code out, and leaves everything else where it is. */
function withoutCode(source: string): string {
  return source.replace(code, (text) => text.replace(/[^\n]/g, ' '))
}

function withoutBlocks(source: string): string {
  return source.replace(/^( *)(```+)[^]*?^\1\2$/gm, '')
}
