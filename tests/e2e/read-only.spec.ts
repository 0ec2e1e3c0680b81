// While the installation is being moved it is read-only: pages say so, and keep what was written.
import { feed, sendButton, textField } from './support/conversation';
import { expect, test } from './support/test';

const message = 'Attaché is being moved to another place, and is read-only until that is done. Try again in a minute.';
const READ_ONLY = {
  status: 503,
  contentType: 'application/json',
  headers: { 'Retry-After': '1' },
  body: JSON.stringify({ message, code: 503, data: { kind: 'read_only', message, retryAfter: 1 } }),
};

test('a page says that it is read-only, and sends what was written when that is over', async ({ mara, console }) => {
  console.expect(/Failed to load resource/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  let isReadOnly = true;
  await page.route(/\/api\//, (route) => {
    const isWrite = route.request().method() !== 'GET';
    return isReadOnly && isWrite ? route.fulfill(READ_ONLY) : route.fallback();
  });
  await textField(page).fill('On the way');
  await sendButton(page).click();
  const banner = page.getByRole('status').filter({ hasText: 'Attaché is being moved and is read-only.' });
  await expect(banner).toBeVisible();
  await expect(feed(page).getByText('Sends when Attaché has been moved')).toBeVisible();
  await expect(textField(page)).toHaveValue('');
  expect(await mara.messages(id)).toHaveLength(0);
  isReadOnly = false;
  await expect.poll(async () => (await mara.messages(id)).length).toBe(1);
  await expect(banner).toHaveCount(0);
  await expect(feed(page).getByText('On the way', { exact: true })).toHaveCount(1);
});
