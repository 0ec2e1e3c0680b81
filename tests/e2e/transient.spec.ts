// Answers that go away by themselves: what a proxy or a store says when it is busy. Nothing is lost, and what was sent goes out once.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { chips, dropTarget, feed, pick, sendButton, textField } from './support/conversation';
import { drop, largePhoto } from './support/files';
import { expectStored, writeLargeFile } from './support/parts';
import { expect, test } from './support/test';

const isPut = (request: { method(): string }) => request.method() === 'PUT';

/** What stands between may say. Of a page nobody shows the words. */
const BUSY = [
  { status: 408, body: '<html><h1>Request Time-out</h1></html>' },
  { status: 425, body: 'Too Early' },
  { status: 429, body: '<html><h1>Too Many Requests</h1></html>', headers: { 'Retry-After': '1' } },
  { status: 500, body: '<html>nginx</html>' },
  { status: 502, body: '<html>Bad Gateway</html>' },
  { status: 503, body: '<html>Service Unavailable</html>', headers: { 'Retry-After': '1' } },
  { status: 504, body: '' },
  { status: 522, body: '<html>Connection timed out</html>' },
];

/** Answers each request for which this is true with the next of these, and lets those after them pass. Tells how many passed. */
async function answerFirst(page: Page, url: RegExp, answers: object[], concerns: (method: string) => boolean): Promise<() => number> {
  let passed = 0;
  const left = [...answers];
  await page.route(url, (route) => {
    if (!concerns(route.request().method())) {
      return route.fallback();
    }
    const answer = left.shift();
    if (answer) {
      return route.fulfill(answer);
    }
    passed += 1;
    return route.fallback();
  });
  return () => passed;
}

for (const answer of BUSY) {
  test(`a message that is answered ${answer.status} waits and goes once`, async ({ mara, console }) => {
    console.expect(/Failed to load resource/);
    const { id } = await mara.channel('dispatch');
    const page = await mara.openConversation(id);
    const passed = await answerFirst(page, /\/messages$/, [answer, answer], (method) => method === 'POST');
    await textField(page).fill('On the way');
    await sendButton(page).click();
    await expect(feed(page).getByText('Not sent')).toHaveCount(0);
    await expect.poll(async () => (await mara.messages(id)).length).toBe(1);
    await expect(feed(page).getByText('On the way', { exact: true })).toHaveCount(1);
    await expect(page.getByText('html')).toHaveCount(0);
    expect(passed()).toBe(1);
  });
}

test('a busy store loses no part, and the file is complete', async ({ mara, console }, info) => {
  test.setTimeout(120_000);
  console.expect(/Failed to load resource/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const path = info.outputPath('survey.bin');
  writeLargeFile(path, 70_000_000);
  const xml = (status: number, code: string) => ({ status, contentType: 'application/xml', body: `<Error><Code>${code}</Code></Error>` });
  const answers = [xml(400, 'RequestTimeout'), xml(409, 'OperationAborted'), xml(503, 'SlowDown'), xml(500, 'InternalError'), BUSY[2]!];
  const passed = await answerFirst(page, /.*/, answers, (method) => method === 'PUT');
  await pick(page, path);
  await expect(chips(page)).toHaveAttribute('data-status', 'complete', { timeout: 90_000 });
  expect(passed(), 'each part once').toBe(9);
  await sendButton(page).click();
  await expect(feed(page).getByRole('link', { name: 'Download survey.bin' })).toBeVisible();
  await expectStored(mara, id, readFileSync(path));
});

test('busy presign and complete requests are retried', async ({ mara, console }) => {
  console.expect(/Failed to load resource/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const busy = { status: 503, body: '<html>busy</html>' };
  const presigned = await answerFirst(page, /\/api\/uploads\/presign$/, [busy], (method) => method === 'POST');
  const completed = await answerFirst(page, /\/complete$/, [busy, { status: 429, body: '' }], (method) => method === 'POST');
  await drop(dropTarget(page), [largePhoto('IMG_0231.jpg', 'photo.jpg', 100_000)]);
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
  expect([presigned(), completed()]).toEqual([1, 1]);
});

test('an unreachable storage is reported, with a retry', async ({ mara, console }) => {
  console.expect(/net::ERR_/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.context.newPage();
  await page.clock.install();
  await page.goto(`/inbox/${id}`);
  await expect(page.getByRole('button', { name: 'Attach files' })).toBeEnabled();
  let blocked = true;
  await page.route('**/*', (route) => (isPut(route.request()) && blocked ? route.abort('blockedbyclient') : route.fallback()));
  await drop(dropTarget(page), [largePhoto('IMG_0231.jpg', 'photo.jpg', 100_000)]);
  await expect(chips(page)).toContainText('Connection lost');
  await expect(async () => {
    await page.clock.fastForward(20_000);
    await expect(chips(page)).toContainText("This browser can't reach the file storage", { timeout: 500 });
  }).toPass();
  blocked = false;
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
});
