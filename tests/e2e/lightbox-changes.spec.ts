// What arrives and goes while a file is looked at. The lightbox shows that file until it is deleted.
import type { Page } from '@playwright/test';
import { feed } from './support/conversation';
import { sample } from './support/files';
import type { Person } from './support/person';
import { expect, test } from './support/test';

const lightbox = (page: Page) => page.getByRole('dialog');

const remove = (person: Person, file: { id: string }) => person.context.request.delete(`/api/attachments/${file.id}`);

const photos = (count: number) => Array.from({ length: count }, (_, number) => sample('IMG_0231.jpg', `${number}.jpg`));

test('in the feed another deleted file changes only the count', async ({ mara, colleague, console }) => {
  // A neighbor that is fetched ahead may be gone before.
  console.expect(/status of 404/);
  const { id } = await mara.channel('dispatch');
  const { attachments } = await mara.sayWith(id, 'Three', photos(3));
  const noor = await colleague('Noor Haddad');
  const page = await noor.openConversation(id);
  await feed(page).getByRole('button', { name: 'Open 1.jpg' }).click();
  await expect(lightbox(page)).toHaveAccessibleName('1.jpg, image 2 of 3');
  await remove(mara, attachments[0]!);
  await expect(lightbox(page)).toHaveAccessibleName('1.jpg, image 1 of 2');
  await page.keyboard.press('ArrowRight');
  await expect(lightbox(page)).toHaveAccessibleName('2.jpg, image 2 of 2');
  await remove(mara, attachments[1]!);
  await expect(lightbox(page)).toHaveAccessibleName('2.jpg, image 1 of 1');
  await remove(mara, attachments[2]!);
  await expect(lightbox(page)).toHaveCount(0);
  await expect(page.getByText('This file was deleted.')).toBeVisible();
});

test('beside a conversation newer files change nothing, not even when they push it out of the list', async ({ mara, console }) => {
  console.expect(/status of 404/);
  const { id } = await mara.channel('dispatch');
  const { attachments } = await mara.sayWith(id, '', photos(7));
  const page = await mara.openConversation(id);
  const files = page.locator('[data-component=ContactFiles]');
  await files.getByRole('link', { name: 'Show 1.jpg' }).click();
  const name = lightbox(page).getByRole('link', { name: 'Download 1.jpg' });
  await expect(name).toBeVisible();
  const before = await page.locator('.lb-pos b').textContent();
  await mara.sayWith(id, '', [sample('service-report.pdf'), sample('IMG_0236.jpg', 'newer.jpg')]);
  await expect(page.locator('.lb-pos b')).not.toHaveText(before ?? '');
  await expect(name).toBeVisible();
  for (let round = 0; round < 3; round += 1) {
    await mara.sayWith(id, '', photos(7).map((photo) => ({ ...photo, name: `${round}-${photo.name}` })));
  }
  await expect(files.locator('.panel-h')).toContainText('Files30');
  await expect(name).toBeVisible();
  await expect(lightbox(page)).toHaveAccessibleName(/^1\.jpg, image 25 of 30$/);
  await remove(mara, attachments[1]!);
  await expect(page.getByRole('dialog', { name: /^1\.jpg,/ })).toHaveCount(0);
});

test('on the files page a new file changes nothing', async ({ mara, console }) => {
  console.expect(/status of 404/);
  const { id } = await mara.channel('dispatch');
  const { attachments } = await mara.sayWith(id, '', photos(3));
  const page = await mara.open('/files');
  await expect(page.getByRole('checkbox', { name: 'Select 1.jpg' }), 'the browser has taken over').toBeEnabled();
  await page.getByRole('link', { name: 'Open 1.jpg' }).click();
  await expect(lightbox(page)).toHaveAccessibleName(/^1\.jpg, image \d of 3$/);
  await mara.sayWith(id, '', [sample('IMG_0236.jpg', 'newer.jpg')]);
  await expect(lightbox(page)).toHaveAccessibleName(/^1\.jpg, image \d of 4$/);
  await remove(mara, attachments[0]!);
  await expect(lightbox(page)).toHaveAccessibleName(/^1\.jpg, image \d of 3$/);
});
