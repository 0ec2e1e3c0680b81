// Two at once: what is new for one is counted for the other.
import type { Page } from '@playwright/test';
import { feed, send } from './support/conversation';
import { type Person, takenOver } from './support/person';
import { expect, test } from './support/test';

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });

const rail = (page: Page) => page.getByRole('navigation', { name: 'Main' });

test('unread messages are counted in the list and in the rail until they are opened', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  const theirs = await noor.open('/inbox');
  await expect(list(theirs).getByRole('link', { name: 'dispatch' })).toBeVisible();
  const page = await mara.openConversation(id);
  await send(page, 'The van is loaded');
  await expect(list(theirs).getByLabel('1 unread')).toBeVisible();
  await expect(rail(theirs).getByLabel('1 unread')).toBeVisible();
  await send(page, 'Two parcels are left');
  await expect(list(theirs).getByLabel('2 unread')).toBeVisible();
  await expect(rail(theirs).getByLabel('2 unread')).toBeVisible();
  await expect(list(page).getByLabel(/unread/), 'nothing for who wrote it').toHaveCount(0);

  await list(theirs).getByRole('link', { name: 'dispatch' }).click();
  await expect(feed(theirs).getByText('Two parcels are left')).toBeVisible();
  await expect(theirs.getByLabel(/unread/)).toHaveCount(0);
  await theirs.reload();
  await expect(feed(theirs).getByText('Two parcels are left')).toBeVisible();
  await expect(theirs.getByLabel(/unread/)).toHaveCount(0);
});

test('the line "New" is above the first unread message', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  const read = await mara.say(id, 'Read');
  await noor.post(`/api/channels/${id}/read`, { messageId: read.id });
  await mara.say(id, 'Not read');
  await mara.say(id, 'Not read either');
  const page = await noor.openConversation(id);
  const divider = feed(page).getByRole('separator').filter({ hasText: 'New' });
  await expect(divider).toHaveCount(1);
  await expect(divider.locator('xpath=following-sibling::article[1]')).toContainText('Not read');
  await expect(divider.locator('xpath=preceding-sibling::article[1]')).toContainText('Read');
});

test('a pill offers to scroll to new messages', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  for (let number = 1; number <= 40; number += 1) {
    await mara.say(id, `Stop ${number}`);
  }
  const page = await noor.openConversation(id);
  const pill = page.locator('[data-component=NewMessagesPill]');
  await expect(pill).toBeHidden();
  await feed(page).hover();
  await page.mouse.wheel(0, -600);
  await expect(feed(page).getByText('Stop 40', { exact: true })).not.toBeInViewport();
  await mara.say(id, 'One more stop');
  await expect(pill).toBeVisible();
  await expect(pill).toHaveText('1 new message');
  await expect(feed(page).getByText('One more stop')).not.toBeInViewport();
  await pill.click();
  await expect(feed(page).getByText('One more stop')).toBeInViewport();
  await expect(pill).toBeHidden();

  await mara.say(id, 'And another');
  await expect(feed(page).getByText('And another'), 'at the bottom it sticks').toBeInViewport();
});

/** A conversation of 40 messages in which Noor reads further up. */
async function readingFurtherUp(mara: Person, noor: Person): Promise<{ id: string; page: Page }> {
  const { id } = await mara.channel('dispatch');
  for (let number = 1; number <= 40; number += 1) {
    await mara.say(id, `Stop ${number}`);
  }
  const page = await noor.openConversation(id);
  await expect(feed(page).getByText('Stop 40', { exact: true })).toBeInViewport();
  return { id, page };
}

const newMessages = (page: Page) => page.locator('[data-component=NewMessagesPill]');

test("the pill follows the feed's position without scroll events", async ({ mara, colleague }) => {
  const { id, page } = await readingFurtherUp(mara, await colleague('Noor Haddad'));
  await page.evaluate(() => window.addEventListener('scroll', (event) => event.stopImmediatePropagation(), true));
  await feed(page).evaluate((element) => element.scrollTo(0, -600));
  await mara.say(id, 'One more stop');
  await expect(newMessages(page)).toBeVisible();
  await expect(newMessages(page)).toHaveText('1 new message');
});

test('the pill counts down as new messages come into view', async ({ mara, colleague }) => {
  const { id, page } = await readingFurtherUp(mara, await colleague('Noor Haddad'));
  await feed(page).evaluate((element) => element.scrollTo(0, -600));
  for (let number = 1; number <= 30; number += 1) {
    await mara.say(id, `New ${number}`);
  }
  await expect(newMessages(page)).toHaveText('30 new messages');
  await feed(page).evaluate((element) => {
    const row = [...element.querySelectorAll('article')].find((article) => article.textContent?.includes('New 10'));
    row?.scrollIntoView({ block: 'end' });
  });
  await expect(newMessages(page)).toHaveText(/^(19|20) new messages$/);
  await feed(page).evaluate((element) => element.scrollTo(0, 0));
  await expect(newMessages(page)).toBeHidden();
});

/** The same, where the connection is lost when it is opened first, and comes back when told. */
async function withoutEvents(mara: Person, noor: Person): Promise<{ id: string; page: Page; reconnect: () => void }> {
  const { id } = await mara.channel('dispatch');
  for (let number = 1; number <= 40; number += 1) {
    await mara.say(id, `Stop ${number}`);
  }
  const page = await noor.context.newPage();
  let lost = true;
  await page.route('**/api/events?*', (route) => (lost ? route.abort() : route.continue()));
  const refused = page.waitForEvent('requestfailed', (request) => request.url().includes('/api/events?'));
  await page.goto(`/inbox/${id}`);
  await refused;
  await takenOver(page);
  // The server answers all else: one is not offline.
  await expect(page.getByText(/^Offline\./)).toHaveCount(0);
  return { id, page, reconnect: () => (lost = false) };
}

test('messages missed during a lost connection are announced too', async ({ mara, colleague, console }) => {
  console.expect(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource/);
  const { id, page, reconnect } = await withoutEvents(mara, await colleague('Noor Haddad'));
  await feed(page).evaluate((element) => element.scrollTo(0, -600));
  await mara.say(id, 'One more stop');
  await mara.say(id, 'And another');
  reconnect();
  await expect(feed(page).getByText('And another')).toBeAttached({ timeout: 30_000 });
  await expect(newMessages(page)).toHaveText('2 new messages');
});

test('a message that arrives in another response is announced too', async ({ mara, colleague, console }) => {
  console.expect(/ERR_FAILED|Failed to load resource/);
  const { id, page, reconnect } = await withoutEvents(mara, await colleague('Noor Haddad'));
  await feed(page).evaluate((element) => element.scrollTo(0, -600));
  // The message is sent after the missed ones were asked for, and its event is answered last.
  let answer = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  await page.route(/\/api\/messages\/[^/]+$/, async (route) => {
    await answered;
    await route.continue();
  });
  let sent: Promise<unknown> | undefined;
  await page.route(/\/api\/channels\/[^/]+\/feed/, async (route) => {
    sent ??= mara.say(id, 'One more stop');
    await sent;
    await route.continue();
  });
  reconnect();
  await expect(feed(page).getByText('One more stop')).toBeAttached({ timeout: 30_000 });
  answer();
  await expect(newMessages(page)).toHaveText('1 new message');
});

const unreadPill = (page: Page) => page.locator('[data-component=UnreadPill]');

const line = (page: Page) => feed(page).getByRole('separator').filter({ hasText: 'New' });

/** A conversation of 60 messages that Noor has read, and so many that she has not. */
async function withUnread(mara: Person, noor: Person, unread: number): Promise<string> {
  const { id } = await mara.channel('dispatch');
  for (let number = 1; number <= 60; number += 1) {
    const { id: message } = await mara.say(id, `Read ${number}`);
    if (number === 60) {
      await noor.post(`/api/channels/${id}/read`, { messageId: message });
    }
  }
  for (let number = 1; number <= unread; number += 1) {
    await mara.say(id, `Not read ${number}`);
  }
  return id;
}

/** The line stands between what was read and what was not. */
async function isAtTheFirst(page: Page): Promise<void> {
  await expect(line(page)).toHaveCount(1);
  await expect(line(page)).toBeInViewport();
  const first = line(page).locator('xpath=following-sibling::article[1]');
  await expect(first.getByText('Not read 1', { exact: true })).toBeVisible();
  await expect(line(page).locator('xpath=preceding-sibling::article[1]')).toContainText('Read 60');
}

test('with more unread than a page the feed opens at the newest, and a pill scrolls to the first', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const id = await withUnread(mara, noor, 80);
  const page = await noor.openConversation(id);
  await expect(feed(page).getByText('Not read 80', { exact: true })).toBeInViewport();
  await expect(unreadPill(page)).toHaveText(/^80 unread, since \d\d:\d\d$/);
  await expect(line(page), 'no line between two unread ones').toHaveCount(0);
  await expect(list(page).getByLabel(/unread/), 'opening marks as read').toHaveCount(0);

  await unreadPill(page).getByRole('button', { name: /unread/ }).click();
  await isAtTheFirst(page);
  await expect(unreadPill(page)).toHaveCount(0);
  // All that is newer comes by itself.
  await feed(page).hover();
  await expect(async () => {
    await page.mouse.wheel(0, 3000);
    await expect(feed(page).getByText('Not read 80', { exact: true })).toBeInViewport({ timeout: 200 });
  }).toPass();
  await expect(unreadPill(page), 'once is enough').toHaveCount(0);
});

test('the line appears while scrolling, only above the first unread message', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const id = await withUnread(mara, noor, 70);
  const page = await noor.openConversation(id);
  await expect(unreadPill(page)).toBeVisible();
  await feed(page).hover();
  await expect(async () => {
    await page.mouse.wheel(0, -200);
    await expect(line(page)).toBeInViewport({ timeout: 200 });
  }).toPass();
  await isAtTheFirst(page);
  await expect(unreadPill(page), 'it was seen').toHaveCount(0);
});

test('a line out of view has a pill; Esc and the cross remove it', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const id = await withUnread(mara, noor, 45);
  const page = await noor.openConversation(id);
  await expect(unreadPill(page)).toContainText('45 unread, since');
  await unreadPill(page).getByRole('button', { name: 'Dismiss' }).click();
  await expect(unreadPill(page)).toHaveCount(0);
  await expect(feed(page)).toBeFocused();
  await expect(line(page), 'the line stays').toHaveCount(1);

  await page.goto('/inbox');
  for (let number = 1; number <= 40; number += 1) {
    await mara.say(id, `Later ${number}`);
  }
  await list(page).getByRole('link', { name: 'dispatch' }).click();
  await expect(unreadPill(page)).toContainText('40 unread, since');
  await unreadPill(page).getByRole('button', { name: /unread/ }).focus();
  await page.keyboard.press('Escape');
  await expect(unreadPill(page)).toHaveCount(0);

  await page.goto('/inbox');
  await mara.say(id, 'One');
  await mara.say(id, 'Two');
  await list(page).getByRole('link', { name: 'dispatch' }).click();
  await expect(line(page)).toBeInViewport();
  await expect(line(page).locator('xpath=following-sibling::article[1]')).toContainText('One');
  await expect(unreadPill(page)).toHaveCount(0);
});

test('counts over the maximum have a plus sign', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const id = await withUnread(mara, noor, 110);
  const page = await noor.openConversation(id);
  await expect(unreadPill(page)).toContainText('99 or more unread, since');
  await unreadPill(page).getByRole('button', { name: /unread/ }).click();
  await isAtTheFirst(page);
});
