// A page on plain http of another machine, as in a house network: the browser gives it neither its digest nor its locks.
import { chips, dropTarget, feed, sendButton } from './support/conversation';
import { drop, sample } from './support/files';
import { expect, test } from './support/test';

test.use({
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--host-resolver-rules=MAP files.test 127.0.0.1'],
  },
});

test('files are uploaded there too, with their checksum', async ({ mara, browser, console }) => {
  // The browser says that it passes the header over.
  console.expect(/Cross-Origin-Opener-Policy/);
  const { id } = await mara.channel('dispatch');
  const context = await browser.newContext({ baseURL: `http://files.test:${new URL(mara.base).port}` });
  const [cookie] = await mara.context.cookies();
  await context.addCookies([{ name: cookie!.name, value: cookie!.value, domain: 'files.test', path: '/' }]);
  const page = await context.newPage();
  console.watch(page);
  await page.goto(`/inbox/${id}`);
  await expect(page.getByRole('button', { name: 'Attach files' })).toBeEnabled();
  expect(await page.evaluate(() => [isSecureContext, crypto.subtle])).toEqual([false, undefined]);
  await drop(dropTarget(page), [sample('IMG_0231.jpg', 'photo.jpg')]);
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
  await sendButton(page).click();
  await expect(feed(page).getByRole('button', { name: 'Open photo.jpg' })).toBeVisible();
  const [message] = await mara.messages(id);
  expect(message!.attachments[0]).toHaveProperty('checksumSha256');
  await context.close();
});
