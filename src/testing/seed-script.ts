/**
 * The source of write-session.ts and everything it imports, as one script that defines the global `LatchkeySeed`. The build inserts
 * it here (vite.config.ts), because a page can only be given text, not modules.
 */
export const seedScript: string = ''
