import { interactionPolicy } from './provider-class.js'

/** The authentication context class (`acr`) of a login with a second factor. */
export const secondFactor = 'urn:doorman:second-factor'

/** The prompt that asks for the second factor. */
export const secondFactorPrompt = 'second_factor'

/** Builds the policy that asks for the second factor if `acr_values` request it and the session does not have it. */
export function buildPolicy(): ReturnType<typeof interactionPolicy.base> {
  const { base, Check, Prompt } = interactionPolicy
  const policy = base()
  const isMissing = new Check(
    'second_factor_missing',
    'a second factor is required',
    'unmet_authentication_requirements',
    ({ oidc }) => {
      const wanted = String(oidc.params?.['acr_values'] ?? '').split(' ')
      return wanted.includes(secondFactor) && oidc.acr !== secondFactor
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT
    },
  )
  // After the login, before the consent.
  policy.add(new Prompt({ name: secondFactorPrompt, requestable: false }, isMissing), 1)
  return policy
}
