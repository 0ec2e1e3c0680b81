// Profile pictures, the organization's logo, and emoji of its own: set by hand, seen by others without a reload.
import type { Page } from '@playwright/test';
import { feed, send } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

const photo = (name: string) => ({ name, mimeType: 'image/jpeg', buffer: sample('IMG_0231.jpg').bytes });

/** A square of one color, as a PNG. */
const red = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC',
  'base64',
);

/** Picks a picture by its button, as a person does. */
async function choose(page: Page, button: string, file: { name: string; mimeType: string; buffer: Buffer }) {
  const dialog = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button }).click();
  await (await dialog).setFiles(file);
}

/** Whether pictures that are shown have really arrived. */
const arrived = (page: Page, selector: string) =>
  expect
    .poll(() => page.locator(selector).first().evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0))
    .toBe(true);

test('a picture is cropped, saved, and visible to others at once', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const { id } = await mara.channel('dispatch');
  await mara.say(id, 'Good morning');
  const noors = await noor.openConversation(id);
  const entry = feed(noors).getByRole('article').filter({ hasText: 'Good morning' });
  await expect(entry.locator('.avatar')).toHaveText('ME');

  const page = await mara.open('/settings/profile');
  await expect(page.getByText('5 of 5 changes left this hour.')).toBeVisible();
  await choose(page, 'Upload picture', photo('me.jpg'));
  const dialog = page.getByRole('dialog', { name: 'Crop picture' });
  const stage = dialog.getByRole('group', { name: /arrow keys/i });
  await expect(stage).toBeFocused();
  const style = () => stage.locator('img').getAttribute('style');
  const before = await style();
  await dialog.getByRole('slider', { name: 'Zoom' }).fill('2');
  const zoomed = await style();
  expect(zoomed).not.toBe(before);
  await stage.focus();
  await page.keyboard.press('ArrowLeft');
  expect(await style()).not.toBe(zoomed);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();

  await arrived(page, '.rail-account img');
  await arrived(noors, `#m-${(await mara.messages(id))[0]!.id} .avatar img`);
  await expect(page.getByText('4 of 5 changes left this hour.')).toBeVisible();
  const session = await mara.get<{ user: { avatarUrl: string } }>('/api/auth/session');
  const stored = await mara.context.request.get(session.user.avatarUrl);
  expect(stored.headers()['content-type']).toBe('image/webp');

  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(page.locator('.rail-account .avatar')).toHaveText('ME');
  await expect(entry.locator('.avatar')).toHaveText('ME');
});

test('the logo is in the rail, for everyone', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const noors = await noor.open('/inbox');
  await expect(noors.locator('.rail-org')).toHaveText('HL');
  const page = await mara.open('/settings/organization');
  await choose(page, 'Upload logo', photo('logo.jpg'));
  await page.getByRole('dialog', { name: 'Crop logo' }).getByRole('button', { name: 'Save' }).click();
  await arrived(page, '.rail-org img');
  await arrived(noors, '.rail-org img');
  const settings = await noor.open('/settings/organization');
  await expect(settings.getByText(/Ask an admin/)).toBeVisible();
  await expect(settings.getByRole('button', { name: 'Upload logo' })).toHaveCount(0);
});

test('a file that is not a picture is rejected before it is sent', async ({ mara }) => {
  const page = await mara.open('/settings/profile');
  await choose(page, 'Upload picture', { name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') });
  await expect(page.getByText("This picture can't be read.")).toBeVisible();
  await expect(page.getByText('5 of 5 changes left this hour.')).toBeVisible();
});

test('a pick is kept while the page loads the remaining changes', async ({ mara }) => {
  const page = await mara.context.newPage();
  let tell = () => {};
  const told = new Promise<void>((resolve) => (tell = resolve));
  await page.route('**/api/uploads/pictures-left', async (route) => {
    await told;
    await route.continue();
  });
  await page.goto('/settings/profile');
  const opened = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Upload picture' }).click();
  const chooser = await opened;
  tell();
  await expect(page.getByText('5 of 5 changes left this hour.')).toBeVisible();
  await chooser.setFiles(photo('me.jpg'));
  await expect(page.getByRole('dialog', { name: 'Crop picture' })).toBeVisible();
});

test('too many picture changes show when to retry', async ({ mara, console }) => {
  console.expect(/429/);
  const page = await mara.open('/settings/profile');
  await expect(page.getByText('5 of 5 changes left this hour.')).toBeVisible();
  await choose(page, 'Upload picture', photo('me.jpg'));
  const dialog = page.getByRole('dialog', { name: 'Crop picture' });
  await expect(dialog.getByRole('button', { name: 'Save' })).toBeEnabled();
  // Meanwhile five others are begun elsewhere.
  const request = { type: 'user-avatar', fileSize: red.length, contentType: 'image/png' };
  for (let number = 1; number <= 5; number += 1) {
    await mara.post('/api/uploads/presign', request);
  }
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toHaveText(/You can upload 5 pictures and emoji per hour\. Try again in \d+ minutes\./);
  const refused = await mara.context.request.post('/api/uploads/presign', { data: request });
  expect(refused.status()).toBe(429);
  expect(Number(refused.headers()['retry-after'])).toBeGreaterThan(3500);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.reload();
  await expect(page.getByText(/0 of 5 changes left this hour\. Try again in \d+ minutes\./)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Upload picture' })).toBeDisabled();
});

test('an emoji is added, written, removed and restored, live for others', async ({ mara, colleague, console }) => {
  console.expect(/422 .*presign/);
  const noor = await colleague('Noor Haddad');
  const { channelId: id } = await mara.contact('Jane', 'Doe');
  await mara.say(id, 'We ship :party_square: today, not at 10:30:20');
  const noors = await noor.openConversation(id);
  await expect(feed(noors).getByText('We ship :party_square: today')).toBeVisible();

  const page = await mara.open('/settings/emoji');
  await page.getByRole('button', { name: 'Add emoji' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add emoji' });
  await choose(page, 'Choose picture', { name: 'Party Square.png', mimeType: 'image/png', buffer: red });
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('party_square');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('smile');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('already the name of');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('party_square');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog).toBeHidden();
  const used = page.getByRole('list', { name: 'Emoji in use' });
  await expect(used.getByText(':party_square:')).toBeVisible();

  const emoji = feed(noors).getByRole('img', { name: ':party_square:' });
  await expect(emoji).toBeVisible();
  const list = noors.getByRole('complementary', { name: 'Conversations' });
  await expect(list.getByRole('img', { name: ':party_square:' })).toBeVisible();

  await used.getByRole('button', { name: 'Remove :party_square:' }).click();
  const removed = page.getByRole('list', { name: 'Removed emoji' });
  await expect(removed.getByText(':party_square:')).toBeVisible();
  await expect(emoji).toHaveCount(0);
  await expect(feed(noors).getByText('We ship :party_square: today')).toBeVisible();
  await removed.getByRole('button', { name: 'Restore :party_square:' }).click();
  await expect(emoji).toBeVisible();
  await send(noors, 'It is back');
});
