/**
 * The default style of the button. A page can override it with `::part()` or with the custom properties `--latchkey-accent`,
 * `--latchkey-on-accent`, `--latchkey-error` and `--latchkey-radius`. The colours follow the page's `color-scheme`.
 */
export const style = `:host {
display: inline-flex; flex-wrap: wrap; align-items: center; gap: .5em .75em; max-width: 100%; vertical-align: middle
}
:host([hidden]), [hidden] { display: none }
button {
font: inherit; font-weight: 600; line-height: 1.25; padding: .6em 1.1em; cursor: pointer; color: inherit; background: none; outline-offset: 2px;
border: 1px solid light-dark(#767676, #8c8c8c); border-radius: var(--latchkey-radius, .5em)
}
button:hover { background: light-dark(#0001, #fff2) }
[part~=log-in] {
color: var(--latchkey-on-accent, light-dark(#fff, #0c1b40)); background: var(--latchkey-accent, light-dark(#1d4ed8, #a5bfff));
border-color: transparent
}
[part~=log-in]:hover { background: var(--latchkey-accent, light-dark(#1a43ba, #c2d4ff)) }
[aria-disabled=true] { opacity: .6; cursor: default }
[data-loading] { opacity: 0; animation: appear 0s .3s forwards }
[part~=status]:empty, [part=error]:empty { position: absolute }
[part~=user] { order: -1; font-weight: 600; overflow-wrap: anywhere }
[part~=progress]::before {
content: ""; display: inline-block; box-sizing: border-box; width: 1em; height: 1em; margin-inline-end: .5em;
vertical-align: -.125em; border: .15em solid; border-right-color: #0000; border-radius: 50%; animation: turn 1s linear infinite
}
[part=error] { flex-basis: 100%; color: var(--latchkey-error, light-dark(#a32a1c, #ff9e8e)) }
[data-unseen] { display: block; position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
@keyframes appear { to { opacity: .6 } }
@keyframes turn { to { rotate: 1turn } }
@media (prefers-reduced-motion) { [part~=progress]::before { animation: none; border-style: dotted } }
@media (forced-colors: active) {
[aria-disabled=true] { color: GrayText; border-color: GrayText; opacity: 1 }
[part~=progress]::before { forced-color-adjust: none }
}`
