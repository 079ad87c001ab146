/** The folders of the quick start apps. They are one OAuth client, and share one session. */
export const quickStarts = ['vanilla', 'react', 'vue', 'script-tag'] as const

/** The name of a quick start app. */
export type QuickStart = (typeof quickStarts)[number]

const links = [['/', 'Full demo'], ...quickStarts.map((name) => [`/${name}/`, nameOf(name)])]

/** Adds to a quick start's page what only the demo has: the styles, the icon and the links to the other apps. */
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
