// A page on plain http of another machine, as in a house network: the browser gives it neither its digest nor its locks.
import type { Browser, BrowserContext, Page } from '@playwright/test';
import type { Console } from './support/console';
import { chips, dropTarget, feed, sendButton } from './support/conversation';
import { drop, sample } from './support/files';
import type { Person } from './support/person';
import { expect, test } from './support/test';

test.use({
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--host-resolver-rules=MAP files.test 127.0.0.1'],
  },
});

/** Opens a browser in which a person is logged in on plain http. */
async function onPlainHttp(person: Person, browser: Browser, console: Console): Promise<BrowserContext> {
  // The browser says that it passes the header over.
  console.expect(/Cross-Origin-Opener-Policy/);
  const context = await browser.newContext({ baseURL: `http://files.test:${new URL(person.base).port}` });
  const [cookie] = await person.context.cookies();
  await context.addCookies([{ name: cookie!.name, value: cookie!.value, domain: 'files.test', path: '/' }]);
  context.on('page', (page) => console.watch(page));
  return context;
}

async function openConversation(context: BrowserContext, channel: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`/inbox/${channel}`);
  await expect(page.getByRole('button', { name: 'Attach files' })).toBeEnabled();
  return page;
}

test('files are uploaded there too, with their checksum', async ({ mara, browser, console }) => {
  const { id } = await mara.channel('dispatch');
  const context = await onPlainHttp(mara, browser, console);
  const page = await openConversation(context, id);
  expect(await page.evaluate(() => [isSecureContext, crypto.subtle])).toEqual([false, undefined]);
  await drop(dropTarget(page), [sample('IMG_0231.jpg', 'photo.jpg')]);
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
  await sendButton(page).click();
  await expect(feed(page).getByRole('button', { name: 'Open photo.jpg' })).toBeVisible();
  const [message] = await mara.messages(id);
  expect(message!.attachments[0]).toHaveProperty('checksumSha256');
  await context.close();
});

test('each tab has an event stream of its own there', async ({ mara, browser, console }) => {
  const { id } = await mara.channel('dispatch');
  const context = await onPlainHttp(mara, browser, console);
  const streams: Page[] = [];
  context.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/events') {
      streams.push(request.frame().page());
    }
  });
  const pages = [await openConversation(context, id), await openConversation(context, id)];
  await mara.say(id, 'To both');
  for (const page of pages) {
    await expect(feed(page).getByText('To both')).toBeVisible();
  }
  expect(streams).toEqual(pages);
  await context.close();
});
