// Where photos were taken: what the organisation chooses, and what is said of files that are left as they are.
import { feed } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

test('an admin chooses whether photos keep their location', async ({ mara }) => {
  const page = await mara.open('/settings/storage');
  const choice = page.getByLabel('Location in new photos');
  await expect(choice).toHaveValue('remove');
  await expect(page.getByText(/HEIC, TIFF and videos are not changed/)).toBeVisible();
  await choice.selectOption('Keep');
  await expect(page.getByText('Saved')).toBeVisible();
  await page.reload();
  await expect(choice).toHaveValue('keep');
  expect(await mara.get('/api/photo-location')).toEqual({ keep: true });
});

test('files that are left as they are say so, a video below its tile', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(64)]);
  await mara.sayWith(id, 'Film', [{ ...sample('VID_0042.mp4'), type: 'video/mp4' }]);
  await mara.sayWith(id, 'Phone', [{ name: 'IMG_1.heic', bytes: heic, type: 'image/heic' }]);
  await mara.sayWith(id, 'Photo', [sample('IMG_0231.jpg')]);
  const page = await mara.openConversation(id);
  const entry = (text: string) => feed(page).getByRole('article').filter({ hasText: text });
  await expect(entry('Film').locator('video')).toBeAttached();
  await expect(entry('Film').getByText('may contain location')).toHaveAttribute('title', "Location isn't removed from VID_0042.mp4");
  await expect(entry('Phone').getByText('may contain location')).toBeVisible();
  await expect(entry('Photo').getByText('may contain location')).toHaveCount(0);
});
