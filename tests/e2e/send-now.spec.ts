// A message that is sent while its files still go up: its sender sees it waiting, others see it when it is whole.
import type { Page } from '@playwright/test';
import { chips, dropTarget, feed, goTo, sendButton, textField } from './support/conversation';
import { drop, sample } from './support/files';
import { holdPuts } from './support/parts';
import { expect, test } from './support/test';

const pending = (page: Page) => page.locator('[data-component=PendingMessage]');

const photo = sample('IMG_0231.jpg', 'photo.jpg');
const report = sample('service-report.pdf');

test('it waits at the bottom of the feed, and a colleague sees it once and whole', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  await mara.channel('repairs');
  const noor = await colleague('Noor Haddad');
  const noorsPage = await noor.openConversation(id);
  const page = await mara.openConversation(id);
  const release = await holdPuts(page);
  await drop(dropTarget(page), [report, photo]);
  await expect(page.getByText('Uploading 2 files (', { exact: false })).toContainText('You can press Send now.');
  await textField(page).fill('Luis passes by at two.');
  await sendButton(page).click();
  await expect(chips(page)).toHaveCount(0);
  await expect(textField(page)).toHaveValue('');
  await expect(textField(page)).toBeFocused();
  await expect(pending(page)).toContainText('Sending once uploads finish');
  await expect(pending(page)).toContainText('Uploaded 0 of 2 files');
  await expect(pending(page).getByRole('progressbar')).toHaveCount(2);
  await expect(pending(page).getByRole('img', { name: 'photo.jpg' })).toBeVisible();

  // Meanwhile one goes elsewhere, and writes.
  await goTo(page, 'repairs');
  await expect(pending(page)).toHaveCount(0);
  await goTo(page, 'dispatch');
  await textField(page).fill('And bring a washer.');
  await sendButton(page).click();
  await expect(feed(page).getByText('And bring a washer.')).toBeVisible();
  await expect(feed(noorsPage).getByText('And bring a washer.')).toBeVisible();
  await expect(feed(noorsPage).getByText('Luis passes by at two.')).toHaveCount(0);
  expect(await mara.messages(id)).toHaveLength(1);

  await release();
  for (const its of [page, noorsPage]) {
    const entry = feed(its).locator('[data-component=MessageEntry]').filter({ hasText: 'Luis passes by at two.' });
    await expect(entry).toHaveCount(1);
    await expect(entry.getByRole('button', { name: 'Open photo.jpg' })).toBeVisible();
    await expect(entry.getByRole('link', { name: 'Download service-report.pdf' })).toBeVisible();
  }
  await expect(pending(page)).toHaveCount(0);
  const [message] = await mara.messages(id);
  expect(message!.attachments.map((file) => file.fileName), 'in the order of picking').toEqual([report.name, photo.name]);
});

test('it is sent while another conversation is open', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.channel('repairs');
  const page = await mara.openConversation(id);
  const release = await holdPuts(page);
  await drop(dropTarget(page), [photo]);
  await sendButton(page).click();
  await expect(pending(page)).toHaveCount(1);
  await goTo(page, 'repairs');
  await release();
  await expect.poll(async () => (await mara.messages(id)).length).toBe(1);
  await goTo(page, 'dispatch');
  await expect(feed(page).getByRole('button', { name: 'Open photo.jpg' })).toBeVisible();
  await expect(pending(page)).toHaveCount(0);
});

test('a failed file blocks it, and it can be sent without the file', async ({ mara, console }) => {
  console.expect(/400/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await page.route('**/*', (route) => {
    const refused = route.request().method() === 'PUT' && route.request().headers()['content-type'] === 'application/pdf';
    const refusal = { status: 400, body: 'no', headers: { 'access-control-allow-origin': '*' } };
    return refused ? route.fulfill(refusal) : route.fallback();
  });
  const release = await holdPuts(page);
  await drop(dropTarget(page), [photo, report]);
  await textField(page).fill('As far as it goes');
  await sendButton(page).click();
  await expect(pending(page)).toHaveCount(1);
  await release();
  await expect(pending(page).getByRole('alert')).toContainText('The storage rejected the upload (400)');
  await expect(pending(page)).toContainText('Waiting: a file failed');
  expect(await mara.messages(id), 'not half of it').toHaveLength(0);
  await pending(page).getByRole('button', { name: 'Send without it' }).click();
  await expect(pending(page)).toHaveCount(0);
  await expect(feed(page).getByText('As far as it goes')).toBeVisible();
  const [message] = await mara.messages(id);
  expect(message!.attachments.map((file) => file.fileName)).toEqual(['photo.jpg']);
});

test('temporary failures are retried inside of it', async ({ mara, console }) => {
  console.expect(/4(00|22)/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  let broken = true;
  await page.route('**/*', (route) => {
    const altered = Buffer.alloc(photo.bytes.length, 'x');
    return broken && route.request().method() === 'PUT' ? route.fallback({ postData: altered }) : route.fallback();
  });
  const release = await holdPuts(page);
  await drop(dropTarget(page), [photo]);
  await sendButton(page).click();
  await release();
  await expect(pending(page).getByRole('alert')).toContainText(/checksum/);
  // Without its only file there would be nothing to send.
  await expect(pending(page).getByRole('button', { name: 'Send without it' })).toHaveCount(0);
  broken = false;
  await pending(page).getByRole('button', { name: 'Retry' }).click();
  await expect(feed(page).getByRole('button', { name: 'Open photo.jpg' })).toBeVisible();
  await expect(pending(page)).toHaveCount(0);
});

test('a reload does not lose it', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const release = await holdPuts(page);
  await drop(dropTarget(page), [photo]);
  await textField(page).fill('Still on its way');
  await sendButton(page).click();
  await expect(pending(page)).toHaveCount(1);
  await page.reload();
  await expect(pending(page)).toContainText('Still on its way');
  await release();
  await expect(pending(page)).toHaveCount(0);
  await expect(feed(page).getByRole('button', { name: 'Open photo.jpg' })).toBeVisible();
  expect(await mara.messages(id)).toHaveLength(1);
});

test('Cancel moves it back into the composer, with its files', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const release = await holdPuts(page);
  await drop(dropTarget(page), [photo]);
  await textField(page).fill('Too early');
  await sendButton(page).click();
  await textField(page).fill('Another thought');
  await pending(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(pending(page)).toHaveCount(0);
  await expect(textField(page)).toHaveValue('Too early\nAnother thought');
  await expect(chips(page)).toHaveCount(1);
  await release();
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
  expect(await mara.messages(id)).toHaveLength(0);
});
