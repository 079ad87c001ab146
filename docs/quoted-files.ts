/** A block of code in a document that is a file of the repository, whole. */
export interface QuotedFile {
  /** The path of the file. */
  path: string
  /** The code as the document has it. */
  code: string
}

const quote = /<!-- file: (\S+) -->\n\n```(\w+)\n([^]*?)```\n/g

/** Finds the blocks that stand below a `<!-- file: path -->`. */
export function findQuotedFiles(markdown: string): QuotedFile[] {
  return [...markdown.matchAll(quote)].map(([, path, , code]) => ({ path: path!, code: code! }))
}

/** Puts what the files say now into the document. */
export function renewQuotedFiles(markdown: string, read: (path: string) => string): string {
  return markdown.replace(
    quote,
    (_, path: string, language: string) =>
      `<!-- file: ${path} -->\n\n\`\`\`${language}\n${read(path).trimEnd()}\n\`\`\`\n`,
  )
}
