// Uploads that do not come through, and what people can do then.
import { chips, dropTarget, feed, sendButton } from './support/conversation';
import { drop, largePhoto, sample } from './support/files';
import { slowUploads } from './support/network';
import { expectStored } from './support/parts';
import { expect, test } from './support/test';

const isPut = (request: { method(): string }) => request.method() === 'PUT';

test('a lost connection is shown, and the upload continues with a new URL', async ({ mara, console }) => {
  console.expect(/net::ERR_/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const puts: string[] = [];
  await page.route('**/*', (route) => {
    if (!isPut(route.request())) {
      return route.fallback();
    }
    puts.push(route.request().url());
    return puts.length === 1 ? route.abort('connectionreset') : route.fallback();
  });
  await drop(dropTarget(page), [sample('IMG_0231.jpg', 'photo.jpg')]);
  await expect(chips(page)).toContainText('Connection lost at 0 %. Will resume.');
  await expect(sendButton(page)).toBeEnabled();
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
  expect(puts).toHaveLength(2);
  expect(puts[1], 'the URL is a new one').not.toBe(puts[0]);
  await sendButton(page).click();
  await expect(feed(page).getByRole('button', { name: 'Open photo.jpg' })).toBeVisible();
});

test('Retry does not wait for the connection, and a failed presign is retried too', async ({ mara, console }) => {
  console.expect(/net::ERR_/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  let broken = true;
  let signings = 0;
  await page.route(/\/api\/uploads\/presign$/, (route) => {
    signings += 1;
    return broken ? route.abort('connectionreset') : route.fallback();
  });
  await drop(dropTarget(page), [sample('IMG_0231.jpg', 'photo.jpg')]);
  await expect(chips(page)).toHaveAttribute('data-status', 'waiting');
  await expect.poll(() => signings, 'tried again by itself').toBeGreaterThan(1);
  await expect(chips(page)).toHaveAttribute('data-status', 'waiting');
  broken = false;
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
});

test('a connection lost half-way interrupts the upload, which succeeds later', async ({
  behindLine: { line, mara },
  console,
}) => {
  console.expect(/net::ERR_/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const file = largePhoto('IMG_0231.jpg', 'photo.jpg', 8_000_000);

  line.cutPuts(4_000_000);
  await drop(dropTarget(page), [file]);
  await expect(chips(page)).toContainText(/Connection lost at \d+ %/);
  expect(line.cuts.length).toBeGreaterThan(0);

  line.mend();
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
  await sendButton(page).click();
  await expect(feed(page).getByRole('button', { name: 'Open photo.jpg' })).toBeVisible();
  await expectStored(mara, id, file.bytes);
});

test('Cancel upload removes the file, and the server marks it failed', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const undo = await slowUploads(page, 20_000);
  const presigning = page.waitForResponse(/\/api\/uploads\/presign$/);
  await drop(dropTarget(page), [largePhoto('IMG_0231.jpg', 'photo.jpg', 2_000_000)]);
  const { resourceId } = (await (await presigning).json()) as { resourceId: string };
  const removal = page.waitForResponse(new RegExp(`/api/uploads/${resourceId}$`));
  await page.getByRole('button', { name: 'Cancel upload' }).click();
  await expect(chips(page)).toHaveCount(0);
  expect((await removal).ok()).toBe(true);
  await undo();
  const complete = await mara.context.request.post(`/api/attachments/${resourceId}/complete`, { data: {} });
  expect(complete.status()).toBe(409);
  expect(await complete.text()).toContain('This upload is failed');
});

test('a failed upload does not affect others, and can be removed', async ({ mara, console }) => {
  console.expect(/400/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  let puts = 0;
  await page.route('**/*', (route) => {
    const first = isPut(route.request()) && ++puts === 1;
    const refusal = { status: 400, body: 'no', headers: { 'access-control-allow-origin': '*' } };
    return first ? route.fulfill(refusal) : route.fallback();
  });
  await drop(dropTarget(page), [sample('IMG_0231.jpg'), sample('IMG_0236.jpg')]);
  await expect(page.locator('[data-component=UploadChip][data-status=failed]')).toHaveCount(1);
  await expect(page.locator('[data-component=UploadChip][data-status=complete]')).toHaveCount(1);
  await expect(page.locator('[data-status=failed]').getByRole('alert')).toContainText('The storage rejected the upload (400)');
  await expect(sendButton(page)).toBeDisabled();
  await expect(page.getByText("1 can't be sent. Remove to send the rest.")).toBeVisible();
  await page.locator('[data-status=failed]').getByRole('button', { name: /^Remove / }).click();
  await expect(chips(page)).toHaveCount(1);
  await sendButton(page).click();
  await expect(feed(page).getByRole('button', { name: /^Open / })).toHaveCount(1);
});
