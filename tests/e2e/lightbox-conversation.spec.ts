// The lightbox goes through all files of a conversation, and to the message of each.
import type { Page } from '@playwright/test';
import { feed } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

const lightbox = (page: Page) => page.getByRole('dialog').first();

test('arrows step to files of other messages, also of those that are not loaded yet', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'First', [sample('IMG_0231.jpg')]);
  for (let number = 0; number < 70; number += 1) await mara.say(id, `Stop ${number}`);
  await mara.sayWith(id, 'Then', [sample('IMG_0236.jpg'), sample('IMG_0237.jpg')]);
  await mara.sayWith(id, 'Last', [sample('IMG_0238.jpg')]);
  const page = await mara.openConversation(id);
  await feed(page).getByRole('button', { name: 'Open IMG_0238.jpg' }).click();
  await expect(lightbox(page)).toHaveAccessibleName(/^IMG_0238\.jpg,/);
  for (const name of ['IMG_0237.jpg', 'IMG_0236.jpg']) {
    await page.keyboard.press('ArrowLeft');
    await expect(lightbox(page)).toHaveAccessibleName(new RegExp(`^${name.replace('.', '\\.')},`));
  }
  await expect(lightbox(page)).toHaveAccessibleName('IMG_0236.jpg, image 2 of 4', { timeout: 15_000 });
  await page.keyboard.press('ArrowLeft');
  await expect(lightbox(page)).toHaveAccessibleName('IMG_0231.jpg, image 1 of 4');

  await lightbox(page).getByRole('button', { name: 'Go to message' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const entry = feed(page).getByRole('article').filter({ hasText: 'First' });
  await expect(entry).toBeInViewport();
  await expect(entry).toBeFocused();
});

test('a file is shared and deleted from the lightbox', async ({ mara, console }) => {
  console.expect(/status of 404/);
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Two', [sample('IMG_0231.jpg'), sample('IMG_0236.jpg')]);
  const page = await mara.openConversation(id);
  await feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' }).click();
  await lightbox(page).getByRole('button', { name: 'Share', exact: true }).click();
  const share = page.getByRole('dialog').last();
  await expect(share).toHaveAccessibleName(/Share/);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(1);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').last().getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Undo' }), 'it can be taken back').toBeVisible();
  await expect(feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' })).toHaveCount(0);
});
