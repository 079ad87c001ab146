/** The type of authorization details that name one payment (RFC 9396 section 2). */
export const paymentType = 'payment_initiation'

/** One payment: what an app asks for, the user is shown, the token says and the payments API would make. */
export interface Payment {
  type: typeof paymentType
  actions: ['initiate']
  instructedAmount: { amount: string; currency: string }
  creditorName: string
}

/** Tells whether a detail is a payment, with all that is to be shown of it. */
export function isPayment(detail: object): detail is Payment {
  const { type, instructedAmount, creditorName } = detail as Partial<Payment>
  const { amount, currency } = Object(instructedAmount) as Partial<Payment['instructedAmount']>
  return type === paymentType && [amount, currency, creditorName].every((text) => typeof text === 'string')
}

/** Says what a payment is, in words for a user. */
export function describePayment({ instructedAmount: { amount, currency }, creditorName }: Payment): string {
  return `Pay ${amount} ${currency} to ${creditorName}`
}
