/** The style of the overlay. Its system colours follow the page's `color-scheme`. */
export const overlayStyle: string = `
dialog {
  --line: color-mix(in srgb, CanvasText 18%, Canvas);
  box-sizing: border-box; width: 480px; max-width: calc(100% - 32px);
  height: 720px; max-height: calc(100dvh - 32px);
  flex-direction: column; padding: 0; overflow: hidden; pointer-events: auto;
  border: 1px solid var(--line); border-radius: 12px;
  color: CanvasText; background: Canvas; box-shadow: 0 16px 48px rgb(0 0 0 / .35);
  font: 16px/1.4 system-ui, sans-serif; letter-spacing: normal; text-align: start; text-transform: none;
}
dialog[open] { display: flex }
::backdrop { background: rgb(0 0 0 / .5) }
header, footer { flex: none; display: flex; align-items: center; gap: 12px; min-height: 52px; padding-inline: 20px 4px }
header { border-bottom: 1px solid var(--line) }
footer { justify-content: end; padding-inline: 20px 8px; border-top: 1px solid var(--line) }
h2 { flex: none; margin: 0; font-size: 16px; font-weight: 600 }
span { flex: 1; min-width: 0; font-size: 14px; overflow-wrap: anywhere }
header span { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; opacity: .75 }
button {
  flex: none; min-width: 44px; min-height: 40px; padding: 0 16px; font: inherit; font-size: 14px; cursor: pointer;
  color: inherit; background: transparent; border: 1px solid color-mix(in srgb, CanvasText 55%, Canvas); border-radius: 8px;
}
header button { min-height: 44px; padding: 0; border-color: transparent }
button:hover { background: color-mix(in srgb, CanvasText 8%, Canvas) }
button:focus-visible { outline: 2px solid currentColor; outline-offset: -4px }
[hidden] { display: none }
iframe { flex: 1; width: 100%; min-height: 0; border: 0; background: Canvas }
@media (max-width: 600px), (max-height: 500px) {
  dialog {
    width: 100%; max-width: none; height: 100dvh; max-height: none;
    margin: 0; border: 0; border-radius: 0; box-shadow: none; padding-bottom: env(safe-area-inset-bottom);
  }
}
@media (max-height: 500px) {
  footer:has([hidden]) { display: none }
}
`
