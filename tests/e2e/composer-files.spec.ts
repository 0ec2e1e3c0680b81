// Files on their way: where they belong, which are taken, how they are handed over.
import { truncateSync, writeFileSync } from 'node:fs';
import { chips, dropTarget, feed, goTo, pick, sendButton, textField } from './support/conversation';
import { drop, largePhoto, paste, sample } from './support/files';
import { slowUploads } from './support/network';
import { expect, test } from './support/test';

test('a file picked in one conversation stays there and keeps uploading', async ({ mara }) => {
  const dispatch = await mara.channel('dispatch');
  const repairs = await mara.channel('repairs');
  const page = await mara.openConversation(dispatch.id);
  const undo = await slowUploads(page, 200_000);
  await drop(dropTarget(page), [largePhoto('IMG_0231.jpg', 'photo.jpg', 600_000)]);
  await expect(page.getByRole('progressbar', { name: 'Uploading photo.jpg' })).toBeVisible();

  await goTo(page, 'repairs');
  await expect(chips(page)).toHaveCount(0);
  await expect(sendButton(page)).toBeDisabled();
  await textField(page).fill('Nothing attached here');
  await sendButton(page).click();
  await expect(feed(page).getByText('Nothing attached here')).toBeVisible();

  await goTo(page, 'dispatch');
  await expect(chips(page)).toHaveCount(1);
  await undo();
  await expect(chips(page)).toHaveAttribute('data-status', 'complete', { timeout: 30_000 });
  await sendButton(page).click();
  await expect(feed(page).getByRole('button', { name: 'Open photo.jpg' })).toBeVisible();
  expect((await mara.messages(dispatch.id)).flatMap((message) => message.attachments)).toHaveLength(1);
  expect((await mara.messages(repairs.id)).flatMap((message) => message.attachments)).toHaveLength(0);
});

test('a file of 0 bytes is rejected with a reason, and Send stays disabled', async ({ mara }, info) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const path = info.outputPath('empty.txt');
  writeFileSync(path, '');
  await pick(page, path);
  await expect(chips(page).getByRole('alert')).toContainText('This file is empty');
  await expect(page.getByRole('button', { name: 'Retry' })).toHaveCount(0);
  await textField(page).fill('With text too');
  await expect(sendButton(page)).toBeDisabled();
  await page.getByRole('button', { name: 'Remove empty.txt' }).click();
  await expect(sendButton(page)).toBeEnabled();
});

test('a file of 300 MB is uploaded completely', async ({ mara }, info) => {
  test.setTimeout(180_000);
  const size = 300_000_000;
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  // A hole of that size: it takes no room on the disk.
  const path = info.outputPath('survey.bin');
  writeFileSync(path, '');
  truncateSync(path, size);
  await pick(page, path);
  await expect(chips(page)).toHaveAttribute('data-status', 'complete', { timeout: 150_000 });
  await expect(chips(page)).toContainText('300 MB');
  await sendButton(page).click();
  await expect(feed(page).getByRole('link', { name: 'Download survey.bin' })).toBeVisible();
  const [message] = await mara.messages(id);
  expect(message!.attachments[0]!.fileSize).toBe(size);
  const url = `/api/messages/attachments/${message!.attachments[0]!.id}?download=1`;
  const end = await mara.context.request.get(url, { headers: { range: 'bytes=-1' } });
  expect(end.status()).toBe(206);
  expect(end.headers()['content-range']).toBe(`bytes ${size - 1}-${size - 1}/${size}`);
});

test('an image that is pasted is attached', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await textField(page).fill('Look:');
  await paste(textField(page), [sample('IMG_0231.jpg', 'image.jpg')]);
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
  await expect(textField(page)).toHaveValue('Look:');
  await sendButton(page).click();
  await expect(feed(page).getByRole('button', { name: 'Open image.jpg' })).toBeVisible();
});

test('several files picked at once are sent as one message, in their order', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const names = ['IMG_0231.jpg', 'IMG_0236.jpg', 'service-report.pdf'];
  await pick(page, names.map((name) => ({ name, mimeType: '', buffer: sample(name).bytes })));
  await expect(page.locator('[data-component=UploadChip][data-status=complete]')).toHaveCount(3);
  await sendButton(page).click();
  await expect(chips(page)).toHaveCount(0);
  const [message] = await mara.messages(id);
  expect(message!.attachments.map((file) => file.fileName)).toEqual(names);
});
