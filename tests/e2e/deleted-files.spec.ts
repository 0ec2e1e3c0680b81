// Deleted files: an admin brings them back, from the feed or from the list, or removes them for good.
import { feed } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

test("an admin can restore a file from its tombstone, a member can't", async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  const { attachments } = await noor.sayWith(id, 'One', [sample('IMG_0231.jpg')]);
  const [maras, noors] = [await mara.openConversation(id), await noor.openConversation(id)];
  await noor.context.request.delete(`/api/attachments/${attachments[0]!.id}`);
  await expect(feed(noors).getByText('IMG_0231.jpg was deleted by Noor Haddad')).toBeVisible();
  await expect(feed(noors).getByRole('button', { name: 'Restore IMG_0231.jpg' })).toHaveCount(0);
  await feed(maras).getByRole('button', { name: 'Restore IMG_0231.jpg' }).click();
  for (const page of [maras, noors]) {
    await expect(feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' })).toBeVisible();
    await expect(feed(page).locator('[data-component=Tombstone]')).toHaveCount(0);
  }
});

test("a purged file can't be restored", async ({ mara, console }) => {
  console.expect(/409/);
  const { id } = await mara.channel('dispatch');
  const { attachments } = await mara.sayWith(id, 'One', [sample('IMG_0231.jpg')]);
  const file = attachments[0]!.id;
  await mara.context.request.delete(`/api/attachments/${file}`);
  const page = await mara.openConversation(id);
  await expect(feed(page).getByRole('button', { name: 'Restore IMG_0231.jpg' })).toBeEnabled();
  const list = await mara.open('/settings/deleted-files');
  await expect(list.getByRole('button', { name: 'Restore IMG_0231.jpg' })).toBeEnabled();
  await mara.post(`/api/attachments/${file}/purge`);
  // An open feed hears of it; a list that was loaded before says so when it is used.
  await expect(feed(page).getByRole('button', { name: 'Restore IMG_0231.jpg' })).toHaveCount(0);
  await expect(feed(page).getByText('IMG_0231.jpg was deleted by Mara Ellis')).toBeVisible();
  await list.getByRole('button', { name: 'Restore IMG_0231.jpg' }).click();
  await expect(list.getByText(/was deleted permanently/)).toBeVisible();
  await expect(list.getByText('No deleted files')).toBeVisible();
});

test('deleted files are listed, restored and purged by an admin', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  const { attachments } = await noor.sayWith(id, 'Two', [sample('IMG_0231.jpg'), sample('service-report.pdf')]);
  const later = await noor.sayWith(id, 'Gone', [sample('IMG_0236.jpg')]);
  for (const file of attachments) {
    await noor.context.request.delete(`/api/attachments/${file.id}`);
  }
  await noor.context.request.delete(`/api/messages/${later.id}`);

  const page = await mara.open('/settings');
  await page.getByRole('link', { name: 'Deleted files' }).click();
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  await expect(row('IMG_0236.jpg')).toContainText('Noor Haddad');
  await expect(row('IMG_0236.jpg')).toContainText('with its message');
  await expect(row('IMG_0236.jpg').getByRole('link', { name: 'Go to the message of IMG_0236.jpg' })).toBeVisible();
  await row('IMG_0231.jpg').getByRole('button', { name: 'Restore' }).click();
  await expect(page.getByText('IMG_0231.jpg was restored.')).toBeVisible();
  await expect(row('IMG_0231.jpg')).toHaveCount(0);

  await row('service-report.pdf').getByRole('button', { name: 'Delete service-report.pdf permanently' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete service-report.pdf permanently?' });
  await dialog.getByRole('button', { name: 'Delete permanently' }).click();
  await expect(row('service-report.pdf')).toHaveCount(0);
  expect((await noor.context.request.get(`/api/messages/attachments/${attachments[0]!.id}`)).status()).toBe(200);
  expect((await mara.context.request.post(`/api/attachments/${attachments[1]!.id}/restore`, { data: {} })).status()).toBe(409);
  const noors = await noor.open('/settings');
  await expect(noors.getByRole('link', { name: 'Share links' })).toBeVisible();
  await expect(noors.getByRole('link', { name: 'Deleted files' })).toHaveCount(0);
});
