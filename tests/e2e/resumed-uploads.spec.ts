// Large files: in parts, paused, cut off, and gone on with after a reload. What has arrived is not sent again.
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { chips, dropTarget, feed, goTo, pick, sendButton, textField } from './support/conversation';
import { drop, sample } from './support/files';
import { slowUploads } from './support/network';
import { arrivedParts, expectStored, holdPuts, MIB, nextAttachment, partOf, watchParts, writeLargeFile } from './support/parts';
import { Person } from './support/person';
import { expect, test } from './support/test';

const SIZE = 70_000_000;
const ALL = [1, 2, 3, 4, 5, 6, 7, 8, 9];

const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);

/** Sends what stands in the composer and compares what is stored with the file. */
async function sendAndCompare(page: Page, person: Person, channel: string, path: string): Promise<void> {
  await expect(chips(page)).toHaveAttribute('data-status', 'complete', { timeout: 60_000 });
  await sendButton(page).click();
  await expect(feed(page).getByRole('link', { name: 'Download survey.bin' })).toBeVisible();
  await expectStored(person, channel, readFileSync(path));
}

test('a large file is uploaded in parts, pauses and resumes, and sends no part twice', async ({ mara }, info) => {
  test.setTimeout(120_000);
  const { id } = await mara.channel('dispatch');
  await mara.channel('repairs');
  const page = await mara.openConversation(id);
  const path = info.outputPath('survey.bin');
  writeLargeFile(path, SIZE);
  const begun = watchParts(page);
  const undo = await slowUploads(page, 12 * MIB);
  const attachment = nextAttachment(page);
  await pick(page, path);
  const resourceId = await attachment;
  await expect.poll(async () => (await arrivedParts(mara, resourceId)).length, { timeout: 30_000 }).toBeGreaterThan(1);
  await page.getByRole('button', { name: 'Pause upload' }).click();
  await expect(chips(page)).toHaveAttribute('data-status', 'paused');
  await expect(chips(page)).toContainText(/Paused.*of 70 MB/);
  await expect(page.getByRole('progressbar', { name: 'Paused, survey.bin' })).toBeVisible();
  const arrived = await arrivedParts(mara, resourceId);
  expect(arrived.length).toBeLessThan(9);
  const before = begun.length;
  expect(begun.length - arrived.length, 'three at a time').toBeLessThanOrEqual(3);

  await goTo(page, 'repairs');
  await goTo(page, 'dispatch');
  expect(begun, 'nothing is sent while it is paused').toHaveLength(before);
  await undo();
  await page.getByRole('button', { name: 'Resume upload' }).click();
  await expect(chips(page)).toHaveAttribute('data-status', 'complete', { timeout: 60_000 });
  // One that arrived while the pause was pressed may be in neither list.
  expect(begun.slice(before).filter((part) => arrived.includes(part)), 'sent again').toEqual([]);
  expect(sorted([...new Set(begun)])).toEqual(ALL);
  await sendAndCompare(page, mara, id, path);
});

test('interrupted parts wait for the connection and continue', async ({ behindLine: { line, mara }, console }, info) => {
  test.setTimeout(120_000);
  console.expect(/net::ERR_/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const path = info.outputPath('survey.bin');
  writeLargeFile(path, SIZE);
  line.cutPuts(4_000_000);
  await pick(page, path);
  await expect(chips(page)).toHaveAttribute('data-status', 'waiting');
  await expect(chips(page)).toContainText(/Connection lost at \d+ %\. Will resume/);
  expect(line.cuts.length).toBeGreaterThan(0);
  line.mend();
  await sendAndCompare(page, mara, id, path);
});

test('offline it waits, and back online it continues at once', async ({ mara, console }, info) => {
  test.setTimeout(120_000);
  console.expect(/net::ERR_/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const path = info.outputPath('survey.bin');
  writeLargeFile(path, SIZE);
  const release = await holdPuts(page, (request) => (partOf(request) ?? 0) > 4);
  const attachment = nextAttachment(page);
  await pick(page, path);
  const resourceId = await attachment;
  await expect.poll(async () => sorted(await arrivedParts(mara, resourceId)), { timeout: 30_000 }).toEqual([1, 2, 3, 4]);
  await mara.context.setOffline(true);
  await release();
  await expect(chips(page)).toHaveAttribute('data-status', 'waiting');
  const begun = watchParts(page);
  await mara.context.setOffline(false);
  await sendAndCompare(page, mara, id, path);
  expect(begun.filter((part) => part <= 4), 'sent again').toEqual([]);
});

test('an upload that the server failed while offline is retried automatically', async ({ mara, console }, info) => {
  test.setTimeout(120_000);
  console.expect(/net::ERR_|409/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const path = info.outputPath('survey.bin');
  writeLargeFile(path, SIZE);
  const release = await holdPuts(page, (request) => (partOf(request) ?? 0) > 4);
  const attachment = nextAttachment(page);
  await pick(page, path);
  const resourceId = await attachment;
  await expect.poll(async () => sorted(await arrivedParts(mara, resourceId)), { timeout: 30_000 }).toEqual([1, 2, 3, 4]);
  await page.route('**/api/attachments/*/parts', (route) => route.abort());
  await release();
  await page.route('**/*', (route) => (route.request().method() === 'PUT' ? route.abort() : route.fallback()));
  await expect(chips(page)).toHaveAttribute('data-status', 'waiting');
  await mara.post(`/api/attachments/${resourceId}/fail`, { reason: 'the upload timed out' });
  await page.unrouteAll();
  await sendAndCompare(page, mara, id, path);
});

test('after a reload, picking the same file again sends only the missing parts', async ({ mara }, info) => {
  test.setTimeout(120_000);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const path = info.outputPath('survey.bin');
  writeLargeFile(path, SIZE);
  const release = await holdPuts(page, (request) => (partOf(request) ?? 0) > 3);
  const attachment = nextAttachment(page);
  await pick(page, path);
  const resourceId = await attachment;
  await textField(page).fill('The whole survey');
  await expect.poll(async () => sorted(await arrivedParts(mara, resourceId)), { timeout: 30_000 }).toEqual([1, 2, 3]);

  await page.reload();
  await expect(chips(page)).toHaveAttribute('data-status', 'interrupted');
  await expect(chips(page)).toContainText('Interrupted at 35 %');
  await expect(textField(page)).toHaveValue('The whole survey');
  await expect(page.getByText('1 interrupted. Resume to continue.')).toBeVisible();
  await release();
  const begun = watchParts(page);
  const dialog = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Resume upload' }).click();
  await (await dialog).setFiles(path);
  await expect(chips(page)).toHaveCount(1);
  await sendAndCompare(page, mara, id, path);
  expect(sorted(begun)).toEqual([4, 5, 6, 7, 8, 9]);
});

test("a dropped large file continues after a reload, by Chromium's handle", async ({ mara }) => {
  test.setTimeout(120_000);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const release = await holdPuts(page, (request) => (partOf(request) ?? 0) > 3);
  const attachment = nextAttachment(page);
  // A drop by script carries no handle of the disk; one of the page's own file system is handled the same.
  await dropTarget(page).evaluate(async (element, size) => {
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle('survey.bin', { create: true });
    const writable = await handle.createWritable();
    for (let at = 0; at < size; at += 1_000_000) {
      await writable.write(new Uint8Array(1_000_000).fill(at / 1_000_000));
    }
    await writable.close();
    Object.assign(DataTransferItem.prototype, { getAsFileSystemHandle: async () => handle });
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(await handle.getFile());
    element.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
  }, SIZE);
  const resourceId = await attachment;
  await expect.poll(async () => sorted(await arrivedParts(mara, resourceId)), { timeout: 30_000 }).toEqual([1, 2, 3]);
  await release();
  const begun = watchParts(page);
  await page.reload();
  await expect(chips(page)).toHaveAttribute('data-status', 'complete', { timeout: 60_000 });
  expect(begun.filter((part) => part <= 3), 'sent again').toEqual([]);
});

test('another file of the same name does not continue the interrupted one', async ({ mara }, info) => {
  test.setTimeout(120_000);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const path = info.outputPath('survey.bin');
  writeLargeFile(path, SIZE);
  const release = await holdPuts(page);
  const attachment = nextAttachment(page);
  await pick(page, path);
  await attachment;
  await page.reload();
  await expect(chips(page)).toHaveAttribute('data-status', 'interrupted');
  await release();
  writeLargeFile(path, SIZE + 1);
  await pick(page, path);
  await expect(chips(page)).toHaveCount(2);
  await expect(page.locator('[data-component=UploadChip][data-status=complete]')).toHaveCount(1, { timeout: 60_000 });
  await expect(page.locator('[data-component=UploadChip][data-status=interrupted]')).toHaveCount(1);
});

test('a small file and its text survive a reload', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const release = await holdPuts(page);
  const attachment = nextAttachment(page);
  await drop(dropTarget(page), [sample('IMG_0231.jpg', 'photo.jpg')]);
  await attachment;
  await textField(page).fill('From the yard');
  await page.reload();
  await expect(textField(page)).toHaveValue('From the yard');
  await release();
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
  await page.reload();
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
  await expect(chips(page)).toContainText('photo.jpg');
  await sendButton(page).click();
  await expect(feed(page).getByRole('button', { name: 'Open photo.jpg' })).toBeVisible();
  await page.reload();
  await expect(feed(page).getByRole('button', { name: 'Open photo.jpg' })).toBeVisible();
  await expect(chips(page), 'what was sent is no draft').toHaveCount(0);
});

test('a file that changes during its upload is reported', async ({ mara, console }, info) => {
  console.expect(/net::ERR_/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const path = info.outputPath('survey.bin');
  writeLargeFile(path, SIZE);
  const release = await holdPuts(page, (request) => (partOf(request) ?? 0) > 2);
  const attachment = nextAttachment(page);
  await pick(page, path);
  const resourceId = await attachment;
  await expect.poll(async () => (await arrivedParts(mara, resourceId)).length, { timeout: 30_000 }).toBeGreaterThan(1);
  appendFileSync(path, 'one line more');
  await release();
  await expect(chips(page).getByRole('alert')).toContainText('The file was changed or removed after you chose it');
  await expect(sendButton(page)).toBeDisabled();
});

test('altered bytes are rejected because of the checksum', async ({ mara, console }) => {
  console.expect(/4(00|22)/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const photo = sample('IMG_0231.jpg', 'photo.jpg');
  await page.route('**/*', (route) => {
    const altered = Buffer.from(photo.bytes);
    altered[altered.length - 1]! ^= 1;
    return route.request().method() === 'PUT' ? route.fallback({ postData: altered }) : route.fallback();
  });
  await drop(dropTarget(page), [photo]);
  await expect(chips(page).getByRole('alert')).toContainText(/checksum/);
  await page.unroute('**/*');
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
});

test('thirty files are uploaded three at a time', async ({ mara }) => {
  test.setTimeout(120_000);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  let [now, most] = [0, 0];
  page.on('request', (request) => {
    now += request.method() === 'PUT' ? 1 : 0;
    most = Math.max(most, now);
  });
  for (const event of ['requestfinished', 'requestfailed'] as const) {
    page.on(event as 'requestfinished', (request) => {
      now -= request.method() === 'PUT' ? 1 : 0;
    });
  }
  const photo = sample('IMG_0231.jpg');
  // One of them twice.
  const files = Array.from({ length: 30 }, (_, place) => ({ ...photo, name: `photo-${Math.max(place, 1)}.jpg` }));
  await drop(dropTarget(page), files);
  await expect(page.locator('[data-component=UploadChip][data-status=complete]')).toHaveCount(30, { timeout: 60_000 });
  expect(most).toBeLessThanOrEqual(3);
  await sendButton(page).click();
  await expect(chips(page)).toHaveCount(0);
  const [message] = await mara.messages(id);
  expect(message!.attachments.map((file) => file.fileName)).toEqual(files.map((file) => file.name));
});

test('the limit is beside the paperclip, and a larger file is rejected before it starts', async ({
  browser,
  startServer,
  console,
}, info) => {
  const { base } = await startServer({ UPLOADS_MAX_FILE_SIZE: '2GB' });
  const mara = await Person.visitor(browser, base, console, 'Mara Ellis');
  await mara.signUp('Harbour Lane');
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await expect(page.getByText('Any file, up to 2.0 GB each')).toBeVisible();
  const path = info.outputPath('archive.zip');
  writeFileSync(path, '');
  truncateSync(path, 3_100_000_000);
  await pick(page, path);
  await expect(chips(page).getByRole('alert')).toContainText('Too large: 3.1 GB (limit 2.0 GB)');
  await expect(page.getByRole('button', { name: 'Retry' })).toHaveCount(0);
  await mara.context.close();
});
