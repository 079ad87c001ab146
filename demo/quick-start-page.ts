/** The small apps by their folder, each the code of a quick start. They are one client, and share one session. */
export const quickStarts = ['vanilla', 'react', 'vue', 'script-tag'] as const

/** The name of a small app. */
export type QuickStart = (typeof quickStarts)[number]

const links = [['/', 'The whole story'], ...quickStarts.map((name) => [`/${name}/`, nameOf(name)])]

/** Gives the page of a small app what it has in the demo alone: the look, the icon and the links to the others. */
export function dressPage(
  html: string,
  name: QuickStart,
  { icon, look }: { icon: string; look: string },
): string {
  const anchors = links.map(([href, text]) => {
    const current = href === `/${name}/` ? ' aria-current="page"' : ''
    return `<a href="${href}"${current}>${text}</a>`
  })
  return html
    .replace(
      '</head>',
      `<meta name="color-scheme" content="light dark" />
      <link rel="icon" href="${icon}" />
      <link rel="stylesheet" href="${look}" />
      </head>`,
    )
    .replace('</title>', ' · latchkey demo</title>')
    .replace('<body>', `<body><nav aria-label="Demos">${anchors.join('')}</nav>`)
}

function nameOf(name: QuickStart): string {
  return name.charAt(0).toUpperCase() + name.slice(1).replace('-', ' ')
}
