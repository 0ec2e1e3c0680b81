// The browser's back button: what it closes, and where it leads.
import type { Locator, Page } from '@playwright/test';
import { feed, goTo } from './support/conversation';
import { sample } from './support/files';
import type { Person } from './support/person';
import { expect, test } from './support/test';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });

const heading = (page: Page) => page.getByRole('main', { name: /^Conversation with/ }).getByRole('heading', { level: 1 });

async function withPicture(mara: Person): Promise<string> {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'One', [sample('IMG_0231.jpg')]);
  return id;
}

/** From the inbox, as people come to it, to the picture. */
async function openPicture(page: Page): Promise<Locator> {
  await goTo(page, 'dispatch');
  await feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  return dialog;
}

test('back closes the lightbox and stays in the conversation, on a phone too', async ({ mara, browser }) => {
  const id = await withPicture(mara);
  const withPhone = await mara.elsewhere(browser, PHONE);
  for (const person of [mara, withPhone]) {
    const page = await person.open('/inbox');
    const dialog = await openPicture(page);
    await page.goBack();
    await expect(dialog).toHaveCount(0);
    await expect(feed(page).getByText('One', { exact: true })).toBeVisible();
    expect(page.url()).toContain(`/inbox/${id}`);

    // Forward does not open it again, and is not a step that back has to undo.
    await page.goForward();
    await expect(feed(page).getByText('One', { exact: true })).toBeVisible();
    await expect(dialog).toHaveCount(0);
    await page.goBack();
    await expect(page).toHaveURL(/\/inbox$/);
    await expect(list(page)).toBeVisible();
  }
  await withPhone.context.close();
});

test('closing the lightbox otherwise leaves no history entry', async ({ mara }) => {
  await withPicture(mara);
  const page = await mara.open('/inbox');
  const dialog = await openPicture(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  // At once again, while the browser may still be leaving the entry before.
  for (let turn = 0; turn < 3; turn += 1) {
    await feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' }).click();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(dialog).toHaveCount(0);
  }
  await feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' }).click();
  await expect(dialog).toBeVisible();
  await page.goBack();
  await expect(dialog).toHaveCount(0);
  await page.goBack();
  await expect(page).toHaveURL(/\/inbox$/);
});

test('a reload with the lightbox open leaves no history entry', async ({ mara }) => {
  await withPicture(mara);
  const page = await mara.open('/inbox');
  const dialog = await openPicture(page);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Attach files' })).toBeEnabled();
  await expect(dialog).toHaveCount(0);
  await page.goBack();
  await expect(page).toHaveURL(/\/inbox$/);
});

test('from the lightbox to the conversation and back are two steps', async ({ mara }) => {
  await withPicture(mara);
  const page = await mara.open('/contacts');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Files' }).click();
  await expect(page.getByRole('checkbox', { name: 'Select IMG_0231.jpg' })).toBeEnabled();
  await page.getByRole('link', { name: 'Open IMG_0231.jpg' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await page.getByRole('link', { name: 'Open IMG_0231.jpg' }).click();
  await dialog.getByRole('link', { name: 'Go to message' }).click();
  await expect(heading(page)).toHaveText('dispatch');
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Files', level: 1 })).toBeVisible();
  await expect(dialog).toHaveCount(0);
  await page.goBack();
  await expect(page).toHaveURL(/\/contacts$/);
});

/** What stands where in the upper part of a list. */
async function places(rows: Locator): Promise<[string, number][]> {
  return rows.evaluateAll((elements) => {
    const seen = elements.map((row): [string, number] => [row.id, Math.round(row.getBoundingClientRect().top)]);
    return seen.filter(([, top]) => top > 120 && top < 600);
  });
}

test('a conversation reopens at its scroll position or at its end', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  await mara.channel('workshop');
  for (let number = 1; number <= 130; number += 1) {
    await mara.say(id, `Stop ${number}`);
  }
  const page = await mara.open('/inbox');
  await goTo(page, 'dispatch');
  await goTo(page, 'workshop');
  await goTo(page, 'dispatch');
  const newest = feed(page).getByText('Stop 130', { exact: true });
  await expect(newest).toBeInViewport();

  await feed(page).hover();
  await expect(async () => {
    await page.mouse.wheel(0, -400);
    await expect(feed(page).getByText('Stop 30', { exact: true })).toBeInViewport({ timeout: 200 });
  }).toPass();
  await expect(feed(page).getByRole('article')).toHaveCount(130);
  const rows = feed(page).getByRole('article');
  const before = await places(rows);
  expect(before.length).toBeGreaterThan(5);
  await goTo(page, 'workshop');
  await page.goBack();
  await expect(heading(page)).toHaveText('dispatch');
  await expect.poll(() => places(rows)).toEqual(before);
  await goTo(page, 'workshop');
  await goTo(page, 'dispatch');
  await expect.poll(() => places(rows)).toEqual(before);

  // What came meanwhile is shown, where one did not go back.
  const noor = await colleague('Noor Haddad');
  await goTo(page, 'workshop');
  await noor.say(id, 'News');
  await expect(list(page).getByLabel('1 unread')).toBeVisible();
  await goTo(page, 'dispatch');
  await expect(feed(page).getByText('News')).toBeInViewport();
});

test('Files reopens at its scroll position with its loaded pages', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  for (let number = 1; number <= 150; number += 1) {
    const name = `note ${String(number).padStart(3, '0')}.txt`;
    await mara.sayWith(id, '', [{ name, bytes: Buffer.from(name), type: 'text/plain' }]);
  }
  const page = await mara.open('/files');
  const cards = page.locator('[data-component=FileCard]');
  await expect(cards).toHaveCount(60);
  await cards.first().hover();
  await expect(async () => {
    await page.mouse.wheel(0, 600);
    await expect(cards.filter({ hasText: 'note 040' })).toBeInViewport({ timeout: 200 });
  }).toPass();
  await expect(cards).toHaveCount(150);
  const said = cards.filter({ hasText: 'note 040' }).getByRole('link', { name: 'dispatch' }).first();
  await said.hover();
  const before = await places(cards);
  await said.click();
  await expect(heading(page)).toHaveText('dispatch');
  await page.goBack();
  await expect(cards).toHaveCount(150);
  await expect.poll(() => places(cards)).toEqual(before);

  // Come to anew it begins anew.
  const rail = page.getByRole('navigation', { name: 'Main' });
  await rail.getByRole('link', { name: 'Inbox' }).click();
  await rail.getByRole('link', { name: 'Files' }).click();
  await expect(cards.filter({ hasText: 'note 150' })).toBeInViewport();
});
