// A page that is open while Attaché is upgraded: code of its version that it has not fetched yet is gone.
import type { Locator, Page } from '@playwright/test';
import { chips, pick, textField } from './support/conversation';
import { largePhoto } from './support/files';
import { slowUploads } from './support/network';
import { expect, test } from './support/test';

/** Opens a part of the page whose code is gone, then lets the code be there again. Returns the notice. */
async function openWhatIsGone(page: Page): Promise<Locator> {
  await page.route('**/*.wasm', (route) => route.fulfill({ status: 404, body: 'Not found' }));
  await page.getByRole('button', { name: 'Emoji' }).click();
  const notice = page.getByRole('status').filter({ hasText: 'Could not load.' });
  // A module that does not come is waited for: lines are slow.
  await expect(notice).toContainText('reload if Attaché was updated', { timeout: 30_000 });
  await page.unroute('**/*.wasm');
  return notice;
}

test('the page asks to reload, and keeps the draft', async ({ mara, console }) => {
  console.expect(/Failed to load resource|wasm/i);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await textField(page).fill('Half a message');
  const notice = await openWhatIsGone(page);
  await notice.getByRole('button', { name: 'Reload' }).click();
  await expect(textField(page)).toHaveValue('Half a message');
  await page.getByRole('button', { name: 'Emoji' }).click();
  await expect(page.getByRole('dialog', { name: 'Emoji' })).toBeVisible();
});

test('the page asks before it reloads while a file is being sent', async ({ mara, console }) => {
  console.expect(/Failed to load resource|wasm/i);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await slowUploads(page, 20_000);
  const { name, bytes } = largePhoto('IMG_0231.jpg', 'photo.jpg', 2_000_000);
  await pick(page, [{ name, mimeType: 'image/jpeg', buffer: bytes }]);
  await expect(chips(page)).toHaveCount(1);
  const notice = await openWhatIsGone(page);
  // The click ends when the question is answered.
  const asked = new Promise<string>((answer) =>
    page.once('dialog', async (dialog) => {
      await dialog.dismiss();
      answer(dialog.type());
    }),
  );
  await notice.getByRole('button', { name: 'Reload' }).click({ noWaitAfter: true });
  expect(await asked).toBe('beforeunload');
  await expect(chips(page)).toHaveCount(1);
});
