// Being notified: the tab's title and icon, desktop notifications of one tab, and what notifies a member.
import type { BrowserContext, Page } from '@playwright/test';
import { feed, goTo } from './support/conversation';
import { type Person, takenOver } from './support/person';
import { expect, test } from './support/test';

type Shown = { title: string; body: string; tag: string; stays: boolean };

/** Replaces the browser's notifications by a record, and its permission. The sound is recorded too. */
async function recordNotifications(context: BrowserContext, permission: NotificationPermission): Promise<void> {
  await context.addInitScript((first) => {
    const state = { permission: first as string, asked: 0, sounds: 0, shown: [] as unknown[] };
    const clicks: (() => void)[] = [];
    Object.assign(window, { recorded: state, clicks });
    class Recorded {
      onclick: ((event: Event) => void) | null = null;
      constructor(title: string, options: NotificationOptions) {
        state.shown.push({ title, body: options.body, tag: options.tag, stays: options.requireInteraction === true });
        clicks.push(() => this.onclick?.(new Event('click')));
      }
      static get permission() {
        return state.permission;
      }
      static requestPermission() {
        state.asked += 1;
        state.permission = 'granted';
        return Promise.resolve('granted');
      }
      close() {}
    }
    Object.assign(window, { Notification: Recorded });
    const create = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () {
      state.sounds += 1;
      return create.call(this);
    };
  }, permission);
}

type Record = { asked: number; sounds: number; shown: Shown[] };

const recordOf = (page: Page) => page.evaluate(() => (window as unknown as { recorded: Record }).recorded);

const askedIn = async (page: Page) => (await recordOf(page)).asked;

const soundsIn = async (page: Page) => (await recordOf(page)).sounds;

const shownIn = async (page: Page) => (await recordOf(page)).shown;

async function shownInAll(pages: Page[]): Promise<Shown[]> {
  return (await Promise.all(pages.map(shownIn))).flat();
}

/** As if another tab was in front. */
async function setVisible(page: Page, isVisible: boolean): Promise<void> {
  await page.evaluate((visible) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (visible ? 'visible' : 'hidden') });
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => !visible });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isVisible);
}

/** Waits for the module of notifications, which is loaded when the page is idle. The dialog is in a module after it. */
async function listening(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Go to' });
  await page.keyboard.press('Control+k');
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
}

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });

const icon = (page: Page) => page.locator('link[rel=icon]').first().getAttribute('href');

test('title and icon show that something is unread', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  const page = await noor.open('/inbox');
  await expect(page).toHaveTitle('Inbox · Attaché');
  const quiet = await icon(page);
  await mara.say(id, 'One');
  await expect(page).toHaveTitle('(1) Inbox · Attaché');
  await expect.poll(() => icon(page)).not.toBe(quiet);
  await mara.say(id, 'Two');
  await expect(page).toHaveTitle('(2) Inbox · Attaché');
  await goTo(page, 'dispatch');
  await expect(page).toHaveTitle('#dispatch · Attaché');
  await expect.poll(() => icon(page)).toBe(quiet);
});

test('permission is requested after a click only, and the offer can be dismissed', async ({ mara }) => {
  await recordNotifications(mara.context, 'default');
  const page = await mara.open('/inbox');
  const offer = page.locator('[data-component=NotificationOffer]');
  await expect(offer).toBeVisible();
  expect(await askedIn(page)).toBe(0);
  await offer.getByRole('button', { name: 'Not now' }).click();
  await expect(offer).toHaveCount(0);
  await page.reload();
  await takenOver(page);
  await expect(list(page)).toBeVisible();
  await expect(offer).toHaveCount(0);

  await page.goto('/settings/notifications');
  await takenOver(page);
  await page.getByRole('button', { name: 'Turn on notifications' }).click();
  await expect(page.getByRole('status').filter({ hasText: /^On$/ })).toBeVisible();
  expect(await askedIn(page)).toBe(1);
});

test('one of several tabs shows a notification, which leads to the message', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  await recordNotifications(noor.context, 'granted');
  const pages = [await noor.open('/inbox'), await noor.open('/contacts'), await noor.open('/settings/profile')];
  for (const page of pages) await listening(page);
  const { id: message } = await mara.say(id, 'The van is loaded');
  await expect.poll(() => shownInAll(pages)).toEqual([
    { title: 'Mara in #dispatch', body: 'The van is loaded', tag: message, stays: false },
  ]);
  // Not a second time, by no tab.
  await mara.say(id, 'And locked');
  await expect.poll(() => shownInAll(pages)).toHaveLength(2);
  expect(await soundsIn(pages[0]!)).toBe(0);
  await pages[0]!.evaluate(() => (window as unknown as { clicks: (() => void)[] }).clicks[0]!());
  await expect(pages[0]!).toHaveURL(new RegExp(`/inbox/${id}\\?message=${message}`));
  await expect(feed(pages[0]!).getByText('The van is loaded')).toBeVisible();
});

test('the conversation in view notifies nobody, in any tab', async ({ mara, colleague }) => {
  const [dispatch, office] = [await mara.channel('dispatch'), await mara.channel('office')];
  const noor = await colleague('Noor Haddad');
  await recordNotifications(noor.context, 'granted');
  // The first tab has the stream.
  const background = await noor.open('/contacts');
  const front = await noor.openConversation(dispatch.id);
  await listening(background);
  await listening(front);
  await setVisible(background, false);
  await mara.say(dispatch.id, 'In view');
  await expect(feed(front).getByText('In view')).toBeVisible();
  await mara.say(office.id, 'Elsewhere');
  await expect.poll(() => shownInAll([background, front])).toHaveLength(1);
  expect((await shownInAll([background, front]))[0]?.body).toBe('Elsewhere');

  await setVisible(front, false);
  await mara.say(dispatch.id, 'Now hidden');
  await expect.poll(() => shownInAll([background, front])).toHaveLength(2);
  expect((await shownInAll([background, front])).map((shown) => shown.body)).toContain('Now hidden');
});

/** A bucket, and a program that posts there. */
async function program(mara: Person): Promise<(title: string, deliveryType: string) => Promise<void>> {
  const bucket = await mara.post<{ id: string }>('/api/buckets', { name: 'door' });
  const { secret } = await mara.post<{ secret: string }>('/api/access-tokens', { name: 'bell', scopes: ['messages:write'] });
  return async (title, deliveryType) => {
    const response = await fetch(`${mara.base}/api/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ bucketId: bucket.id, title, deliveryType }),
    });
    expect(response.ok, await response.text()).toBe(true);
  };
}

test('what notifies is a setting; critical messages always do', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  await recordNotifications(noor.context, 'granted');
  const page = await noor.open('/settings/notifications');
  await listening(page);
  await page.getByRole('radiogroup', { name: 'Notify me about' }).getByText('Nothing').click();
  await expect(page.getByText('Saved')).toBeVisible();
  const post = await program(mara);
  await mara.say(id, 'Nobody hears this');
  await post('Rang', 'NORMAL');
  await post('Fire', 'CRITICAL');
  await expect.poll(() => shownIn(page)).toHaveLength(1);
  const [critical] = await shownIn(page);
  expect(critical).toMatchObject({ title: 'Critical: bell in door', body: 'Fire', stays: true });

  const all = page.getByRole('radiogroup', { name: 'Notify me about' }).getByText('All', { exact: true });
  await all.click();
  await expect.poll(async () => (await noor.get<{ notifyAbout: string }>('/api/auth/session')).notifyAbout).toBe('all');
  await page.getByRole('checkbox', { name: 'Play a sound' }).check();
  const before = await soundsIn(page);
  expect(before, 'it is heard once').toBeGreaterThan(0);
  await post('Only in the list', 'NO_PUSH');
  await post('Softly', 'SILENT');
  await expect.poll(async () => (await shownIn(page)).map((shown) => shown.body)).toEqual(['Fire', 'Softly']);
  expect(await soundsIn(page)).toBe(before);
  await post('Loudly', 'NORMAL');
  await expect.poll(async () => (await shownIn(page)).length).toBe(3);
  await expect.poll(() => soundsIn(page)).toBeGreaterThan(before);
});

test('a muted conversation is quiet', async ({ mara, colleague }) => {
  const [dispatch, office] = [await mara.channel('dispatch'), await mara.channel('office')];
  const noor = await colleague('Noor Haddad');
  await recordNotifications(noor.context, 'granted');
  const page = await noor.openConversation(dispatch.id);
  await listening(page);
  const header = page.locator('[data-component=ConversationHeader]');
  await header.getByRole('button', { name: 'Mute', exact: true }).click();
  await expect(header.getByRole('button', { name: 'Unmute' })).toBeVisible();
  await page.goto('/inbox');
  await takenOver(page);
  await mara.say(dispatch.id, 'Quiet');
  await expect(list(page).getByLabel('1 unread')).toHaveClass(/count-quiet/);
  await expect(page).toHaveTitle('Inbox · Attaché');
  await mara.say(office.id, 'Heard');
  await expect(page).toHaveTitle('(1) Inbox · Attaché');
  await expect.poll(async () => (await shownIn(page)).map((shown) => shown.body)).toEqual(['Heard']);
});

test('messages are marked as unread, and stay so until the conversation is opened again', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  for (const text of ['One', 'Two', 'Three']) {
    await mara.say(id, text);
  }
  const page = await noor.openConversation(id);
  const other = await noor.open('/inbox');
  await expect(list(other).getByRole('link', { name: 'dispatch' })).toBeVisible();
  await expect(list(other).getByLabel(/unread/)).toHaveCount(0);
  const message = feed(page).getByRole('article').filter({ hasText: 'Two' });
  await message.hover();
  await message.getByRole('button', { name: 'Mark unread' }).click();
  await expect(list(page).getByLabel('2 unread')).toBeVisible();
  await expect(list(other).getByLabel('2 unread')).toBeVisible();
  const line = feed(page).getByRole('separator').filter({ hasText: 'New' });
  await expect(line.locator('xpath=following-sibling::article[1]')).toContainText('Two');
  // The page that shows it leaves it so, also when something arrives.
  await mara.say(id, 'Four');
  await expect(feed(page).getByText('Four')).toBeVisible();
  await expect(list(page).getByLabel('3 unread')).toBeVisible();

  await page.goto('/inbox');
  await goTo(page, 'dispatch');
  await expect(list(page).getByLabel(/unread/)).toHaveCount(0);
  await expect(list(other).getByLabel(/unread/)).toHaveCount(0);
});

test('everything is marked as read', async ({ mara, colleague }) => {
  const [dispatch, office] = [await mara.channel('dispatch'), await mara.channel('office')];
  const noor = await colleague('Noor Haddad');
  const page = await noor.open('/inbox');
  await mara.say(dispatch.id, 'One');
  await mara.say(office.id, 'Two');
  await expect(list(page).getByLabel('1 unread')).toHaveCount(2);
  await list(page).getByRole('button', { name: 'List actions' }).click();
  await list(page).getByRole('button', { name: 'Mark all read' }).click();
  await expect(list(page).getByLabel(/unread/)).toHaveCount(0);
  await expect(page).toHaveTitle('Inbox · Attaché');
});
