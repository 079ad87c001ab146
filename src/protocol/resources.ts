import { checkOption } from '../base/check-option.js'

/** Makes a list of one or more resources. Throws a `TypeError` unless they are absolute URIs without a fragment (RFC 8707 section 2). */
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
