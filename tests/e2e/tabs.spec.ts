// Many tabs of one browser: they share one event stream and the upload slots, because a browser has six connections to a host.
import type { BrowserContext, Page, Request } from '@playwright/test';
import { chips, dropTarget, feed, send } from './support/conversation';
import { drop, largePhoto, sample } from './support/files';
import { slowUploads } from './support/network';
import { holdPuts } from './support/parts';
import { PASSWORD, Person } from './support/person';
import { expect, test } from './support/test';

const METRICS_TOKEN = 'metrics-of-this-test';

/** The number of event streams that a server has open. */
async function openStreams(base: string): Promise<number> {
  const response = await fetch(`${base}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  return Number(/^attache_event_streams(?:\{[^}]*\})? (\d+)/m.exec(await response.text())?.[1]);
}

/** The pages that request the event stream, in this order. */
function watchStreams(context: BrowserContext): Page[] {
  const pages: Page[] = [];
  context.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/events') {
      pages.push(request.frame().page());
    }
  });
  return pages;
}

/** Counts the PUTs of a context. */
function watchPuts(context: BrowserContext): { running: number; most: number } {
  const puts = { running: 0, most: 0 };
  const isPut = (request: Request) => request.method() === 'PUT';
  context.on('request', (request) => {
    puts.running += isPut(request) ? 1 : 0;
    puts.most = Math.max(puts.most, puts.running);
  });
  for (const event of ['requestfinished', 'requestfailed'] as const) {
    context.on(event as 'requestfinished', (request) => {
      puts.running -= isPut(request) ? 1 : 0;
    });
  }
  return puts;
}

const openTabs = async (person: Person, channel: string, count: number): Promise<Page[]> => {
  const pages: Page[] = [];
  for (let number = 0; number < count; number += 1) {
    pages.push(await person.openConversation(channel));
  }
  return pages;
};

async function expectEverywhere(pages: Page[], text: string): Promise<void> {
  await Promise.all(pages.map((page) => expect(feed(page).getByText(text, { exact: true })).toBeVisible()));
}

test('ten tabs open, share one event stream, and all receive a message', async ({ browser, startServer, console }) => {
  test.setTimeout(180_000);
  const { base } = await startServer({ METRICS_TOKEN });
  const mara = await Person.visitor(browser, base, console, 'Mara Ellis');
  await mara.signUp('Harbour Lane');
  const { id } = await mara.channel('dispatch');
  const streams = watchStreams(mara.context);
  const pages = await openTabs(mara, id, 10);
  await mara.say(id, 'To all ten');
  await expectEverywhere(pages, 'To all ten');
  await send(pages[9]!, 'From the last one');
  await expectEverywhere(pages, 'From the last one');
  expect(await openStreams(base)).toBe(1);
  expect(streams).toEqual([pages[0]]);
  await mara.context.close();
  await expect.poll(() => openStreams(base)).toBe(0);
});

test('another tab continues the event stream of a closed one', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const streams = watchStreams(mara.context);
  const pages = await openTabs(mara, id, 3);
  expect(streams).toEqual([pages[0]]);
  await pages[0]!.close();
  await mara.say(id, 'After it was closed');
  await expectEverywhere(pages.slice(1), 'After it was closed');
  expect(streams).toHaveLength(2);
  expect(pages.slice(1)).toContain(streams[1]);
});

test('a tab that becomes visible replaces a frozen one', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const [first, second] = (await openTabs(mara, id, 2)) as [Page, Page];
  const session = await mara.context.newCDPSession(first);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await mara.say(id, 'While the first is frozen');
  await second.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expectEverywhere([second], 'While the first is frozen');
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await expectEverywhere([first], 'While the first is frozen');
  await mara.say(id, 'Afterwards');
  await expectEverywhere([first, second], 'Afterwards');
});

test('all tabs load again what they missed while the connection was lost', async ({ mara, console }) => {
  console.expect(/ERR_FAILED|Failed to load resource/);
  const { id } = await mara.channel('dispatch');
  let isLost = true;
  await mara.context.route(/\/api\/events\?/, (route) => (isLost ? route.abort() : route.continue()));
  const pages = await openTabs(mara, id, 3);
  await mara.say(id, 'Missed');
  // The server answers all else: nobody is offline.
  await Promise.all(pages.map((page) => expect(page.getByText(/^Offline\./)).toHaveCount(0)));
  isLost = false;
  await expectEverywhere(pages, 'Missed');
});

test('logging out in one tab logs out the others', async ({ mara, console }) => {
  console.expect(/status of 401/);
  const { id } = await mara.channel('dispatch');
  const [first, second] = (await openTabs(mara, id, 2)) as [Page, Page];
  const third = await mara.open('/settings/profile');
  await third.getByRole('button', { name: 'Log out', exact: true }).first().click();
  for (const page of [first, second, third]) {
    await expect(page).toHaveURL(/\/log-in/);
  }
});

test('tabs of the next person hear nothing from tabs of the previous one', async ({ mara, colleague, browser, console }) => {
  console.expect(/status of (401|409)|net::ERR_|Failed to load resource/);
  const noor = await colleague('Noor Haddad');
  const office = await mara.channel('office');
  const board = await mara.channel('board', true);
  // Mara's other computer.
  const home = await browser.newContext({ baseURL: mara.base });
  expect((await home.request.post('/api/auth/log-in', { data: { email: mara.email, password: PASSWORD } })).ok()).toBe(true);
  await mara.context.addInitScript(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    window.BroadcastChannel = class extends BroadcastChannel {
      constructor(name: string) {
        super(name);
        this.addEventListener('message', (event) => heard.push(String(event.data)));
      }
    };
  });
  const heardBy = (page: Page) => page.evaluate(() => (window as unknown as { heard: string[] }).heard.join('\n'));
  const maras = await openTabs(mara, board.id, 2);
  // These tabs are not told that somebody else is logged in.
  await Promise.all(maras.map((page) => page.route(/\/api\/auth\/session/, (route) => route.abort('connectionreset'))));
  const logIn = await mara.context.request.post('/api/auth/log-in', { data: { email: noor.email, password: PASSWORD } });
  expect(logIn.ok()).toBe(true);
  const noors = await openTabs(mara, office.id, 2);
  const say = (channel: string, body: string) =>
    home.request.post(`/api/channels/${channel}/messages`, { data: { body, attachmentIds: [], idempotencyKey: body } });
  expect((await say(board.id, 'For the board')).ok()).toBe(true);
  expect((await say(office.id, 'For all')).ok()).toBe(true);
  await expectEverywhere(noors, 'For all');
  const heard = (await Promise.all(noors.map(heardBy))).join('\n');
  expect(heard, 'one tab hears the other').toContain(office.id);
  expect(heard, 'and nothing of the board').not.toContain(board.id);
  await home.close();
});

test('a message is sent while two other tabs upload', async ({ mara }) => {
  test.setTimeout(120_000);
  const { id } = await mara.channel('dispatch');
  const pages = await openTabs(mara, id, 3);
  const [first, second, third] = pages as [Page, Page, Page];
  const puts = watchPuts(mara.context);
  const undo: (() => Promise<void>)[] = [];
  for (const page of [first, second]) {
    undo.push(await slowUploads(page, 50_000));
    const photos = Array.from({ length: 4 }, (_, number) => largePhoto('IMG_0231.jpg', `photo-${number}.jpg`, 1_000_000));
    await drop(dropTarget(page), photos);
  }
  await expect.poll(() => puts.running).toBe(3);
  await send(third, 'While files are uploaded');
  await expectEverywhere(pages, 'While files are uploaded');
  expect(await chips(first).evaluateAll((all) => all.some((chip) => chip.dataset.status === 'complete'))).toBe(false);
  await Promise.all(undo.map((end) => end()));
  for (const page of [first, second]) {
    const complete = page.locator('[data-component=UploadChip][data-status=complete]');
    await expect(complete).toHaveCount(4, { timeout: 60_000 });
  }
  expect(puts.most).toBe(3);
});

test('a closed tab frees its upload slots', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const [first, second] = (await openTabs(mara, id, 2)) as [Page, Page];
  const puts = watchPuts(mara.context);
  await holdPuts(first);
  await drop(dropTarget(first), Array.from({ length: 4 }, (_, number) => sample('IMG_0231.jpg', `photo-${number}.jpg`)));
  await expect.poll(() => puts.running).toBe(3);
  await drop(dropTarget(second), [sample('IMG_4416.jpg')]);
  await expect(chips(second)).toHaveCount(1);
  // Long enough for an upload to begin.
  await mara.say(id, 'While it waits');
  await expectEverywhere([second], 'While it waits');
  expect(puts.running).toBe(3);
  await expect(chips(second)).not.toHaveAttribute('data-status', 'complete');
  await first.close();
  // The files of the closed tab can be offered here before that.
  await expect(chips(second).filter({ hasText: 'IMG_4416.jpg' })).toHaveAttribute('data-status', 'complete');
});
