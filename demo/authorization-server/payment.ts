/** The type of authorization details that name one payment (RFC 9396 section 2). */
export const paymentType = 'payment_initiation'

/** One payment: the app requests it, the user approves it, the token names it and the payments API would make it. */
export interface Payment {
  type: typeof paymentType
  actions: ['initiate']
  instructedAmount: { amount: string; currency: string }
  creditorName: string
}

/** Checks whether a detail is a payment with all the fields to show. */
export function isPayment(detail: object): detail is Payment {
  const { type, instructedAmount, creditorName } = detail as Partial<Payment>
  const { amount, currency } = Object(instructedAmount) as Partial<Payment['instructedAmount']>
  return type === paymentType && [amount, currency, creditorName].every((text) => typeof text === 'string')
}

/** Describes a payment for the user. */
export function describePayment({ instructedAmount: { amount, currency }, creditorName }: Payment): string {
  return `Pay ${amount} ${currency} to ${creditorName}`
}
