// More conversations than one page of the list.
import type { Page } from '@playwright/test';
import { expect, test } from './support/test';

const COUNT = 230;

const rows = (page: Page) => page.getByRole('list', { name: 'Team' }).getByRole('listitem');

test('the list of conversations loads while scrolling, and keeps its length', async ({ mara }) => {
  for (let number = 0; number < COUNT; number += 1) {
    await mara.channel(`round ${number}`);
  }
  const page = await mara.open('/inbox');
  await expect(rows(page)).toHaveCount(50);
  await expect(rows(page).first()).toContainText(`round ${COUNT - 1}`);
  await rows(page).last().scrollIntoViewIfNeeded();
  await page.mouse.move(100, 400);
  await page.mouse.wheel(0, 5000);
  // One page, or all: the wheel goes on turning while they come.
  await expect.poll(() => rows(page).count()).toBeGreaterThan(50);
  const scrolled = async () => {
    await page.mouse.wheel(0, 20_000);
    return rows(page).count();
  };
  await expect.poll(scrolled).toBe(COUNT);
  await expect(page.getByRole('button', { name: 'Show more' })).toHaveCount(0);
  const names = await rows(page).allTextContents();
  expect(new Set(names).size, 'each once').toBe(COUNT);

  // What comes in moves its conversation to the top; the others stay.
  const oldest = await mara.get<{ id: string; name: string }[]>('/api/channels?limit=1');
  await mara.say(oldest[0].id, 'Hello again');
  await expect(rows(page).first()).toContainText(oldest[0].name);
  await expect(rows(page)).toHaveCount(COUNT);
  await expect(page.getByRole('button', { name: 'Show more' }), 'fetched anew, it still ends').toHaveCount(0);
});

test('a filtered list loads until it has matches', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const { id } = await noor.channel('quiet');
  await noor.say(id, 'Nobody has read this');
  for (let number = 0; number < 120; number += 1) {
    await mara.channel(`round ${number}`);
  }
  const page = await mara.open('/inbox');
  await expect(rows(page)).toHaveCount(50);
  await expect(page.getByRole('button', { name: 'Show more' }), 'the browser has taken over').toBeAttached();
  await page.getByRole('button', { name: 'Unread' }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText('quiet');
});
