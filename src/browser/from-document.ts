/**
 * Reads a property of the document past all markup: `<img name="hasFocus">` hides the method of that name (HTML section 3.1.6),
 * as `<form name="baseURI">` hides the base URL.
 */
export function fromDocument<Name extends keyof Document>(name: Name): Document[Name] {
  const value = Reflect.get(Document.prototype, name, document)
  return typeof value === 'function' ? value.bind(document) : value
}
