// Bots: an admin names one, gives it a picture, has a token post as it, and removes it.
import { feed } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

test('a bot is created, gets a picture, posts by a token, is renamed and removed', async ({ mara, colleague, console }) => {
  // Refused: a name that is taken, and what a removed bot would post.
  console.expect(/409|401/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.open('/settings');
  await page.getByRole('link', { name: 'Bots' }).click();
  await expect(page.getByText('No bots yet')).toBeVisible();
  await page.getByRole('button', { name: 'Add bot' }).click();
  const adding = page.getByRole('dialog', { name: 'Add bot' });
  await adding.getByLabel('Name').fill('Door camera');
  await adding.getByRole('button', { name: 'Add', exact: true }).click();
  // The picture comes next.
  const editing = page.getByRole('dialog', { name: 'Edit Door camera' });
  const chooser = page.waitForEvent('filechooser');
  await editing.getByRole('button', { name: 'Upload picture' }).click();
  await (await chooser).setFiles({ name: 'bot.jpg', mimeType: 'image/jpeg', buffer: sample('IMG_0231.jpg').bytes });
  const picture = page.getByRole('dialog', { name: "The bot's picture" });
  await picture.getByRole('button', { name: 'Save' }).click();
  await expect(picture).toBeHidden();
  await editing.getByRole('button', { name: 'Close' }).click();
  const row = page.getByRole('list', { name: 'Bots' }).getByRole('listitem').filter({ hasText: 'Door camera' });
  await expect(row.locator('.avatar img')).toBeVisible();

  await page.getByRole('button', { name: 'Add bot' }).click();
  await adding.getByLabel('Name').fill('Door camera');
  await adding.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(adding.getByRole('alert')).toContainText('with this name already exists');
  await adding.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('link', { name: 'Access tokens' }).click();
  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog', { name: 'New access token' });
  await dialog.getByLabel('Name', { exact: true }).fill('doorbell');
  await dialog.getByLabel('Post as').selectOption('Door camera');
  await dialog.getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByText('As: Door camera')).toBeVisible();
  const secret = (await page.locator('[data-component=TokenReveal] code').textContent())!;
  const post = (body: string) =>
    mara.context.request.post('/api/v1/messages', { headers: { authorization: `Bearer ${secret}` }, data: { bucketId: id, body } });
  expect((await post('Somebody rings')).status()).toBe(201);

  const noor = await colleague('Noor Haddad');
  const noors = await noor.openConversation(id);
  const entry = feed(noors).getByRole('article').filter({ hasText: 'Somebody rings' });
  await expect(entry.locator('.entry-name')).toHaveText('Door camera');
  const face = entry.locator('.avatar img');
  await expect.poll(() => face.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);

  await page.getByRole('link', { name: 'Bots' }).click();
  await row.getByRole('button', { name: 'Edit Door camera' }).click();
  await editing.getByLabel('Name').fill('Front door');
  await editing.getByRole('button', { name: 'Save' }).click();
  await expect(entry.locator('.entry-name'), 'at once, where it is open').toHaveText('Front door');
  const renamed = page.getByRole('list', { name: 'Bots' }).getByRole('listitem').filter({ hasText: 'Front door' });
  await renamed.getByRole('button', { name: 'Remove Front door' }).click();
  await page.getByRole('dialog', { name: 'Remove Front door?' }).getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No bots yet')).toBeVisible();
  await expect(face).toHaveCount(0);
  expect((await post('Again')).status()).toBe(401);
  await expect(entry.locator('.entry-name')).toHaveText('Front door');
});

test('bots are hidden without permission to manage the organization', async ({ colleague }) => {
  const noor = await colleague('Noor Haddad');
  const page = await noor.open('/settings');
  await expect(page.getByRole('link', { name: 'Share links' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Bots' })).toHaveCount(0);
});
