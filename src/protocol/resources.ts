import { checkOption } from '../base/check-option.js'

/** Makes a list of the one or many resources; RFC 8707 section 2 wants absolute URIs without a fragment. */
export function toResources(resource: string | string[] = []): string[] {
  const list = [resource].flat()
  for (const one of list)
    checkOption(
      'resource',
      URL.canParse(one) && !/[\s#]/.test(one),
      'an absolute URI without a fragment',
      one,
    )
  return list
}
