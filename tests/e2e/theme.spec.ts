// Light and dark: as the system says, or as chosen on this device.
import type { Page } from '@playwright/test';
import { expect, test } from './support/test';

test.use({ colorScheme: 'light' });

/** Dark or light, by how bright the page is. */
const shown = (page: Page) =>
  page.evaluate(() => {
    const [red = 0] = getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g)!.map(Number);
    return red < 128 ? 'dark' : 'light';
  });

test('a choice in the rail wins over the system, stays, and can be taken back', async ({ mara }) => {
  const page = await mara.open('/inbox');
  await page.emulateMedia({ colorScheme: 'light' });
  const button = page.getByRole('button', { name: 'Appearance' });
  const menu = page.getByRole('menu', { name: 'Appearance' });
  await expect(menu).toBeHidden();
  await button.click();
  await expect(menu.getByRole('menuitemradio', { name: 'System' })).toBeChecked();
  await expect(menu.getByRole('menuitemradio', { name: 'System' })).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(menu).toBeHidden();
  await expect(button).toBeFocused();
  expect(await shown(page)).toBe('dark');
  await page.reload();
  expect(await shown(page), 'kept').toBe('dark');

  await page.goto('/settings/profile');
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  await page.getByRole('radio', { name: 'System' }).check();
  expect(await shown(page)).toBe('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await shown(page), 'follows the system at once').toBe('dark');
  await page.getByRole('radio', { name: 'Light' }).check();
  expect(await shown(page)).toBe('light');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.getByRole('radio', { name: 'System' }).check();
  await page.reload();
  await expect(page.getByRole('radio', { name: 'System' })).toBeChecked();
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await shown(page)).toBe('dark');
});

test('Esc closes the menu and changes nothing', async ({ mara }) => {
  const page = await mara.open('/inbox');
  await page.getByRole('button', { name: 'Appearance' }).click();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu', { name: 'Appearance' })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Appearance' })).toBeFocused();
  expect(await page.evaluate(() => localStorage.getItem('theme'))).toBeNull();
});
