// Long messages: their beginning, and all of them on request.
import type { Locator, Page } from '@playwright/test';
import { seriousFaults } from './support/axe';
import { feed } from './support/conversation';
import { expect, test } from './support/test';

const entry = (page: Page, text: string): Locator => feed(page).getByRole('article').filter({ hasText: text });

test('long messages fold, and a link to one opens it', async ({ mara, browser }) => {
  const { id } = await mara.channel('dispatch');
  const lines = Array.from({ length: 60 }, (_, number) => `Line ${number + 1}`).join('\n');
  const long = await mara.say(id, lines);
  await mara.say(id, 'Short');
  const page = await mara.openConversation(id);
  const text = entry(page, 'Line 1').locator('[data-component=FoldedText]');
  const height = async () => (await text.boundingBox())?.height ?? 0;
  const toggle = entry(page, 'Line 1').getByRole('button', { name: 'Show all' });
  await expect(toggle).toHaveAttribute('aria-expanded', 'false');
  expect(await height()).toBeLessThan(320);
  expect(await seriousFaults(page)).toEqual([]);
  await toggle.focus();
  await page.keyboard.press('Enter');
  const less = entry(page, 'Line 1').getByRole('button', { name: 'Show less' });
  await expect(less).toBeFocused();
  expect(await height()).toBeGreaterThan(1000);
  await less.click();
  expect(await height()).toBeLessThan(320);
  await expect(feed(page).getByRole('button', { name: 'Show all' })).toHaveCount(1);

  await page.goto(`/inbox/${id}?message=${long.id}`);
  await expect(less).toBeVisible();

  const reader = await mara.elsewhere(browser, { javaScriptEnabled: false });
  const read = await reader.context.newPage();
  await read.goto(`/inbox/${id}`);
  await expect(read.getByRole('button', { name: 'Show all' })).toBeHidden();
  expect((await read.locator('[data-component=FoldedText]').boundingBox())?.height ?? 0).toBeGreaterThan(1000);
  await reader.context.close();
});
