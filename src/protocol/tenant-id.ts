/** The part of an issuer that stands for the ID of the tenant, as in the metadata of Microsoft Entra ID. */
export const tenantMark = '{tenantid}'

/** Finds the ID of a tenant in a text: a GUID in lower case, as Entra ID writes them. */
export function findTenantId(text: unknown): string | undefined {
  return /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/.exec(`${text}`)?.[0]
}

/** Tells whether a value is the ID of a tenant: one in a longer text or in a list is not. */
export function isTenantId(value: unknown): value is string {
  return !!value && value === findTenantId(value)
}
