/**
 * Reads a property of the document that markup may shadow: `<img name="hasFocus">` shadows the method of that name (HTML section
 * 3.1.6), and `<form name="baseURI">` the base URL.
 */
export function fromDocument<Name extends keyof Document>(name: Name): Document[Name] {
  const value = Reflect.get(Document.prototype, name, document)
  return typeof value === 'function' ? value.bind(document) : value
}
