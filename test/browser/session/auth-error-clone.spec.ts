import { openApp } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'

for (const way of ['structuredClone', 'postMessage'] as const)
  test(`an AuthError that went through ${way} has its code and fields again`, async ({ page }) => {
    await openApp(page)
    const seen = await page.evaluate(async (how) => {
      const { AuthError, isAuthError } = window.latchkey
      const details = { error: 'slow_down', status: 429, retryAfter: 7, cause: { code: 'X', claim: 'iat' } }
      const error = new AuthError(
        'temporarily_unavailable',
        'the token endpoint answered with HTTP 429',
        details,
      )
      const copy = (value: Error) =>
        new Promise<Error>((resolve) => {
          if (how === 'structuredClone') return resolve(structuredClone(value))
          const { port1, port2 } = new MessageChannel()
          port2.onmessage = ({ data }) => resolve(data as Error)
          port1.postMessage(value)
        })
      const read = (value: unknown) => {
        if (!isAuthError(value)) return 'not one'
        const { name, message, code, retryable, status, retryAfter, cause } = value
        return { name, message, code, retryable, error: value.error, status, retryAfter, claim: cause?.claim }
      }
      const clone = await copy(error)
      const twice = await copy(clone)
      const instance = isAuthError(clone) && clone instanceof AuthError
      const frozen = Object.freeze(await copy(error))
      const others = [
        await copy(new TypeError('x', { cause: { code: 'y' } })),
        new Error('x'),
        null,
        { ...error },
      ]
      return {
        before: read(error),
        clones: [read(clone), read(twice), read(await copy(clone))],
        instance,
        others: [frozen, ...others].map((other) => isAuthError(other)),
      }
    }, way)
    expect(seen.before).toMatchObject({
      code: 'temporarily_unavailable',
      retryable: true,
      retryAfter: 7,
      claim: 'iat',
    })
    for (const clone of seen.clones) expect(clone).toEqual(seen.before)
    expect(seen.instance).toBe(true)
    expect(seen.others).toEqual([false, false, false, false, false])
  })
