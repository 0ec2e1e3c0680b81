// The dialogs "Go to" and "Keyboard shortcuts", by keyboard alone.
import type { Locator, Page } from '@playwright/test';
import { seriousFaults } from './support/axe';
import { sample } from './support/files';
import { expect, test } from './support/test';

const dialog = (page: Page): Locator => page.getByRole('dialog', { name: 'Go to' });
const field = (page: Page): Locator => dialog(page).getByRole('combobox');
const options = (page: Page): Locator => dialog(page).getByRole('option');
const chosen = (page: Page): Locator => dialog(page).getByRole('option', { selected: true });
const title = (page: Page, name: string): Locator => page.getByRole('heading', { name, level: 1 });

async function open(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(field(page)).toBeFocused();
}

test('a conversation is found by a few letters, and the focus is where one types', async ({ mara }) => {
  const dispatch = await mara.channel('dispatch');
  await mara.channel('repairs');
  await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  const page = await mara.openConversation(dispatch.id);
  await open(page);
  expect(await seriousFaults(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await seriousFaults(page, 'colors')).toEqual([]);
  await page.keyboard.type('rep');
  await expect(chosen(page)).toHaveText(/repairs/);
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toHaveCount(0);
  await expect(title(page, 'repairs')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeFocused();

  // Recent ones first, without a text.
  await open(page);
  await expect(dialog(page).getByRole('group', { name: 'Recent' }).getByRole('option')).toHaveText([/repairs/, /dispatch/]);
  await page.keyboard.press('ArrowDown');
  await expect(chosen(page)).toHaveText(/dispatch/);
  await page.keyboard.press('Enter');
  await expect(title(page, 'dispatch')).toBeVisible();

  // By phone, which only the server knows.
  await open(page);
  await page.keyboard.type('5551234');
  await expect(chosen(page)).toHaveText(/Jane Doe/);
  await page.keyboard.press('Enter');
  await expect(title(page, 'Jane Doe')).toBeVisible();
});

test('files, pages and actions are found, and Esc returns the focus', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'As promised', [sample('service-report.pdf')]);
  const page = await mara.openConversation(id);
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  await composer.focus();
  await page.keyboard.type('Is it ?');
  await expect(composer, 'in a field it is a character').toHaveValue('Is it ?');
  await open(page);
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toHaveCount(0);
  await expect(composer).toBeFocused();
  await expect(composer).toHaveValue('Is it ?');

  await open(page);
  await page.keyboard.type('service-rep');
  await expect(dialog(page).getByRole('group', { name: 'Files' }).getByRole('option')).toHaveText(/service-report\.pdf/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/message=/);

  await open(page);
  await page.keyboard.type('members');
  await expect(chosen(page)).toHaveText(/Settings: members/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/settings\/members$/);

  await open(page);
  await page.keyboard.type('new chan');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'New channel' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await open(page);
  await page.keyboard.type('dark app');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

  await open(page);
  await page.keyboard.type('nothing of this kind');
  await expect(dialog(page).getByRole('status')).toHaveText('Nothing matches.');
  await expect(options(page)).toHaveCount(0);
});

test('one request a pause, and late responses replace nothing', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.contact('Jane', 'Doe');
  await mara.contact('Janet', 'Moe');
  const page = await mara.openConversation(id);
  const asked: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/api/go-to?*', async (route) => {
    const search = new URL(route.request().url()).searchParams.get('search') ?? '';
    asked.push(search);
    if (search === 'ja') {
      await held;
    }
    await route.continue();
  });
  await open(page);
  await page.keyboard.type('ja');
  await expect.poll(() => asked).toEqual(['ja']);
  await page.keyboard.type('net');
  await expect.poll(() => asked).toEqual(['ja', 'janet']);
  await expect(options(page)).toHaveText([/Janet Moe/]);
  release();
  await expect(options(page)).toHaveText([/Janet Moe/]);
});

test('? lists the shortcuts, which the dialog can be read by keyboard', async ({ mara }) => {
  const page = await mara.open('/contacts');
  await page.locator('body').click({ position: { x: 2, y: 2 } });
  await page.keyboard.press('Shift+?');
  const shown = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(shown).toContainText('Go to a conversation, contact, file, page or action');
  await expect(shown.getByText('K', { exact: true })).toBeVisible();
  expect(await seriousFaults(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(shown).toHaveCount(0);

  await open(page);
  await page.keyboard.type('shortcuts');
  await page.keyboard.press('Enter');
  await expect(shown).toBeVisible();
  await shown.getByRole('button', { name: 'OK' }).click();
  await expect(shown).toHaveCount(0);
});
