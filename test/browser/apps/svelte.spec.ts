import { expect, play, test } from '../../rig/framework-page.js'

test.use({ framework: 'svelte' })

test('a key keeps nothing of one user for the next, and a module with runes follows the store', async ({
  page,
  ui,
}) => {
  await ui.open('played')
  await play(page, (controls) => controls.logIn({ sub: 'alice' }))
  await expect(page.locator('#owner')).toHaveText('alice')
  await page.fill('#note', 'of alice')
  // The same user again: what belongs to her stays.
  await play(page, (controls) => controls.logIn({ sub: 'alice', name: 'Alice' }))
  await expect(page.locator('#note')).toHaveValue('of alice')
  await play(page, (controls) => controls.logIn({ sub: 'bob' }))
  await expect(page.locator('#owner')).toHaveText('bob')
  await expect(page.locator('#note')).toHaveValue('')
  expect(ui.complaints).toEqual([])
})
