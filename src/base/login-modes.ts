/** Every mode of a login. Types and checks of modes all come from this list. */
export const loginModes = ['popup', 'overlay', 'redirect', 'silent', 'external'] as const

/**
 * How a login proceeds: in a window (`popup`), in a dialog over the app (`overlay`), by leaving the page (`redirect`), in a hidden
 * iframe without the user (`silent`), or in a window that the host app opens (`external`).
 */
export type LoginMode = (typeof loginModes)[number]

/** The modes that can be the default of a client: all but `silent`, because `login()` usually needs the user. */
export type ClientMode = Exclude<LoginMode, 'silent'>

/** The modes of a login that `fetch` starts for an API. */
export type StepUpMode = Extract<LoginMode, 'popup' | 'redirect' | 'external'>

/** The list of `ClientMode`. */
export const clientModes: readonly ClientMode[] = loginModes.filter((mode) => mode !== 'silent')

/** The list of `StepUpMode`. */
export const stepUpModes: readonly StepUpMode[] = ['popup', 'redirect', 'external']
