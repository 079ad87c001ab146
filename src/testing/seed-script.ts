/**
 * The text of write-session.ts and all that it imports, as one script that makes the global `LatchkeySeed`. The build puts it
 * here (vite.config.ts): a page can be handed text, and no modules.
 */
export const seedScript: string = ''
