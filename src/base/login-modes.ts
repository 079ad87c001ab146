/** The modes that a client can have. */
export const clientModes = ['popup', 'overlay', 'redirect'] as const

/** The modes that one login can have. */
export const loginModes = ['popup', 'overlay', 'redirect', 'silent'] as const

/** A mode that a client can have. */
export type ClientMode = (typeof clientModes)[number]

/** A mode that one login can have. */
export type LoginMode = (typeof loginModes)[number]
