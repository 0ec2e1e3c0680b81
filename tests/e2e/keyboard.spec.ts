// Lists and the feed by keyboard: one stop each, arrows among the rows, Tab into a row and out of the list.
import type { Page } from '@playwright/test';
import { feed, textField } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });

test('a list of conversations is one tab stop, and arrows move in it', async ({ mara }) => {
  const channels = [];
  for (const name of ['dispatch', 'office', 'repairs']) {
    channels.push(await mara.channel(name));
  }
  const page = await mara.openConversation(channels[1]!.id);
  const row = (name: string) => list(page).getByRole('link', { name, exact: true });
  await list(page).getByRole('button', { name: 'Add a channel' }).focus();
  await page.keyboard.press('Tab');
  await expect(row('office'), 'the open conversation').toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(row('dispatch')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(row('dispatch'), 'there is none below').toBeFocused();
  await page.keyboard.press('Home');
  await expect(row('repairs')).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowUp');
  await expect(row('office')).toBeFocused();
  await page.keyboard.press('Home');
  const ring = await row('repairs').evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(ring, 'the focus can be seen').toBe('solid');

  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.closest('ul') ?? null), 'one Tab leaves').toBeNull();
  await page.keyboard.press('Shift+Tab');
  await expect(row('repairs'), 'and comes back to the same row').toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'repairs', level: 1 })).toBeVisible();
});

test('the feed is one tab stop: arrows move among messages, Tab enters one', async ({ mara }) => {
  const { id: channelId } = await mara.channel('dispatch');
  await mara.say(channelId, 'The oldest, see https://example.com/a');
  await mara.sayWith(channelId, 'With a picture', [sample('IMG_0231.jpg'), sample('service-report.pdf')]);
  await mara.say(channelId, 'The newest');
  const page = await mara.openConversation(channelId);
  const entry = (text: string) => feed(page).getByRole('article').filter({ hasText: text });
  await expect(entry('The newest')).toHaveAttribute('tabindex', '0');

  await textField(page).focus();
  await page.keyboard.press('Shift+Tab');
  await expect(entry('The newest').getByRole('button', { name: 'Delete the message' })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(entry('The newest').getByRole('button', { name: 'Copy link' })).toBeFocused();
  for (const name of ['Edit the message', 'Forward the message', 'Reply to the message', 'Add reaction']) {
    await page.keyboard.press('Shift+Tab');
    await expect(entry('The newest').getByRole('button', { name })).toBeFocused();
  }
  await page.keyboard.press('Shift+Tab');
  await expect(entry('The newest')).toBeFocused();
  await expect(entry('The newest')).toHaveAccessibleName(/^Mara Ellis, \d\d:\d\d$/);
  await expect(entry('The newest')).toHaveAccessibleDescription(/The newest/);

  await page.keyboard.press('ArrowUp');
  await expect(entry('With a picture')).toBeFocused();
  const ring = await entry('With a picture').evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(ring, 'the focus can be seen').toBe('solid');
  const inside = [];
  for (let step = 0; step < 14; step += 1) {
    await page.keyboard.press('Tab');
    inside.push(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent));
  }
  expect(inside).toEqual(
    [
      'Open IMG_0231.jpg', 'More for IMG_0231.jpg', 'Download IMG_0231.jpg', 'service-report.pdf', 'More for service-report.pdf',
      'Download service-report.pdf', 'Download zip', 'Add reaction', 'Reply to the message',
      'Forward the message', 'Edit the message', 'Copy link', 'Share the files', 'Delete the message',
    ],
  );
  await page.keyboard.press('Tab');
  await expect(textField(page), 'after the actions of the row the feed is left').toBeFocused();

  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Home');
  await expect(entry('The oldest')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(feed(page).getByRole('link', { name: 'https://example.com/a' })).toBeFocused();
  await page.keyboard.press('End');
  await expect(entry('The newest'), 'arrows move from within a row too').toBeFocused();
});

test('until the feed is visited, its tab stop is the newest message', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.say(id, 'First');
  const page = await mara.openConversation(id);
  const entry = (text: string) => feed(page).getByRole('article').filter({ hasText: text });
  await expect(entry('First')).toHaveAttribute('tabindex', '0');
  await mara.say(id, 'Second');
  await expect(entry('Second')).toHaveAttribute('tabindex', '0');
  await entry('First').focus();
  await mara.say(id, 'Third');
  await expect(entry('Third')).toHaveAttribute('tabindex', '-1');
  await expect(entry('First')).toHaveAttribute('tabindex', '0');
  await expect(entry('First')).toBeFocused();
});

test('arrows continue to older messages', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  for (let number = 1; number <= 80; number += 1) {
    await mara.say(id, `Stop ${number}`);
  }
  const page = await mara.openConversation(id);
  await expect(feed(page).getByText('Stop 80', { exact: true })).toBeVisible();
  await feed(page).getByRole('article').last().focus();
  await expect(async () => {
    await page.keyboard.press('Home');
    await expect(feed(page).getByRole('article').first()).toBeFocused({ timeout: 500 });
    await expect(feed(page).getByRole('article').first()).toContainText('Stop 1', { timeout: 500 });
    await expect(feed(page).getByText('Stop 1', { exact: true })).toBeInViewport({ timeout: 500 });
  }).toPass({ timeout: 30_000 });
});
