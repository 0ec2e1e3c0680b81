// Small things that people rely on: links, titles, filters, what is read.
import { randomUUID } from 'node:crypto';
import type { Locator, Page } from '@playwright/test';
import { feed, sendButton, textField } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });

test('URLs, email addresses and phone numbers are links', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.say(id, 'See https://en.wikipedia.org/wiki/Foo_(bar), (https://example.com/a), www.example.com, jane@example.com or +44 (0)20 7946 0958.');
  const page = await mara.openConversation(id);
  const links = feed(page).locator('.entry-body a');
  expect(await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')))).toEqual([
    'https://en.wikipedia.org/wiki/Foo_(bar)', 'https://example.com/a', 'https://www.example.com', 'mailto:jane@example.com', 'tel:+442079460958',
  ]);
});

test('a filter keeps the open conversation, and survives a reload', async ({ mara, colleague }) => {
  const dispatch = await mara.channel('dispatch');
  await mara.channel('repairs');
  const noor = await colleague('Noor Haddad');
  await noor.say(dispatch.id, 'The van is back');
  const page = await mara.open('/inbox');
  await list(page).getByRole('button', { name: 'Unread', exact: true }).click();
  await expect(list(page).getByRole('link', { name: /repairs/ })).toHaveCount(0);
  await list(page).getByRole('link', { name: /dispatch/ }).click();
  await expect(feed(page).getByText('The van is back', { exact: true })).toBeVisible();
  await expect.poll(async () => (await mara.get<{ id: string; unreadCount: number }[]>('/api/conversations?kind=team')).find((row) => row.id === dispatch.id)?.unreadCount).toBe(0);
  await page.waitForTimeout(500);
  await expect(list(page).getByRole('link', { name: /dispatch/ }), 'it is read, and stays').toBeVisible();
  await page.reload();
  await expect(list(page).getByRole('button', { name: 'Unread', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await list(page).getByRole('button', { name: 'All', exact: true }).click();
  await expect(list(page).getByRole('link', { name: /repairs/ })).toBeVisible();
});

test('messages that arrive in a hidden tab are read when it is shown', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  const page = await mara.openConversation(id);
  const hide = (hidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (hidden ? 'hidden' : 'visible') });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  const unread = async () =>
    (await mara.get<{ id: string; unreadCount: number }[]>('/api/conversations?kind=team')).find((row) => row.id === id)?.unreadCount;
  await hide(true);
  await noor.say(id, 'Came meanwhile');
  await expect(feed(page).getByText('Came meanwhile')).toBeAttached();
  expect(await unread()).toBe(1);
  await hide(false);
  await expect.poll(unread).toBe(0);
});

test('only a page with a composer offers to skip to it, and the empty inbox has a heading', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.open('/inbox');
  await expect(page.getByRole('heading', { level: 1, name: 'Inbox' })).toBeAttached();
  await expect(page.getByRole('link', { name: 'Skip to writing' })).toHaveCount(0);
  await page.goto(`/inbox/${id}`);
  await expect(page.getByRole('link', { name: 'Skip to writing' })).toBeAttached();
});

test('a name is copied in one line', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const name = `A long name of a report ${randomUUID()}.pdf`;
  await mara.sayWith(id, 'Read', [sample('service-report.pdf', name)]);
  const page = await mara.openConversation(id);
  const copied = await feed(page).locator('[data-component=FileCard] .fname').evaluate((label) => {
    getSelection()!.selectAllChildren(label);
    return getSelection()!.toString();
  });
  expect(copied.trim()).toBe(name);
});

test('sound and videos show their names', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'See and hear', [{ ...sample('VID_0042.mp4'), type: 'video/mp4' }, { ...sample('voice-note.m4a'), type: 'audio/mp4' }]);
  await mara.sayWith(id, 'Hear', [{ ...sample('voice-note.m4a', 'alone.m4a'), type: 'audio/mp4' }]);
  const page = await mara.openConversation(id);
  for (const name of ['VID_0042.mp4', 'voice-note.m4a', 'alone.m4a']) {
    await expect(feed(page).locator('.media-name').filter({ hasText: name })).toBeVisible();
  }
});

test('files that were not sent are listed under Storage, and removed there', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.upload(id, sample('IMG_0231.jpg', 'left.jpg'));
  const page = await mara.open('/settings/storage');
  const section = page.locator('[data-component=UnsentFiles]');
  await section.getByRole('button', { name: 'Remove left.jpg' }).click();
  await expect(section).toHaveCount(0);
  expect((await mara.get<{ usedBytes: number }>('/api/storage')).usedBytes).toBe(0);
});

test('a title of a program is shown outside of buckets too', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const { secret } = await mara.post<{ secret: string }>('/api/access-tokens', { name: 'CI', scopes: ['messages:write'] });
  const posted = await mara.context.request.post('/api/v1/messages', {
    headers: { authorization: `Bearer ${secret}` },
    data: { bucketId: id, title: 'Build 12 failed', subtitle: 'on main', body: 'See the log' },
  });
  expect(posted.ok(), await posted.text()).toBe(true);
  const page = await mara.openConversation(id);
  await expect(feed(page).getByRole('heading', { name: 'Build 12 failed' })).toBeVisible();
  await expect(feed(page).getByText('on main')).toBeVisible();
});

/** Whether all of an element is in the window and nothing covers its middle. */
const inReach = (element: Locator) =>
  element.evaluate((found) => {
    const { left, right, top, bottom } = found.getBoundingClientRect();
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && hit !== null && found.contains(hit);
  });

test('the menu of a member is in reach on a tablet', async ({ mara, colleague }) => {
  await colleague('Noor Haddad');
  const page = await mara.open('/settings/members');
  for (const width of [768, 859, 860, 1024]) {
    await page.setViewportSize({ width, height: 1024 });
    const more = page.getByRole('button', { name: 'More for Noor Haddad' });
    await expect.poll(() => inReach(more), { message: `${width} pixels` }).toBe(true);
    await more.click();
    for (const name of ['Reset password', 'Log out everywhere', 'Remove']) {
      await expect.poll(() => inReach(page.getByRole('button', { name, exact: true }))).toBe(true);
    }
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Remove', exact: true })).toHaveCount(0);
  }
});

test('writing, sending, viewing a file and confirming work at 400 % zoom', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, '', [sample('IMG_0231.jpg')]);
  const page = await mara.openConversation(id);
  await page.setViewportSize({ width: 320, height: 256 });
  await expect.poll(() => inReach(textField(page))).toBe(true);
  await textField(page).fill('On my way');
  await expect.poll(() => inReach(sendButton(page))).toBe(true);
  await sendButton(page).click();
  await expect(feed(page).getByText('On my way', { exact: true })).toBeInViewport();
  const photo = feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' });
  await photo.scrollIntoViewIfNeeded();
  await photo.click();
  const lightbox = page.getByRole('dialog').first();
  for (const name of ['Share', 'Delete', 'Close']) {
    await expect.poll(() => inReach(lightbox.getByRole('button', { name, exact: true })), { message: name }).toBe(true);
  }
  await lightbox.getByRole('button', { name: 'Delete', exact: true }).click();
  const confirm = page.getByRole('dialog').last().getByRole('button', { name: 'Delete', exact: true });
  await confirm.scrollIntoViewIfNeeded();
  await expect.poll(() => inReach(confirm)).toBe(true);
});
