// Files come down under names that say whose they are, byte for byte.
import { Downloads } from './support/downloads';
import { feed } from './support/conversation';
import { type Sample, sample } from './support/files';
import type { Person } from './support/person';
import { expect, test } from './support/test';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Downloads a file from its place in the feed; the lightbox must stay shut. */
async function fromTheFeed(person: Person, channelId: string, label: string, folder: string) {
  const page = await person.openConversation(channelId);
  const downloads = await Downloads.of(page, folder);
  const link = feed(page).getByRole('link', { name: `Download ${label}` });
  const saved = await downloads.take(() => link.click());
  await expect(page.getByRole('dialog')).toHaveCount(0);
  return saved;
}

const photo = (): Sample => sample('IMG_0231.jpg', 'photo.jpg');

test('from the thumbnail of a contact with a phone', async ({ mara }, info) => {
  const jane = await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  await mara.sayWith(jane.channelId, '', [photo()]);
  const saved = await fromTheFeed(mara, jane.channelId, 'photo.jpg', info.outputPath('saved'));
  expect(saved.name).toBe('Jane_15551234567_photo.jpg');
  expect(saved.bytes.equals(photo().bytes)).toBe(true);
});

test('from the lightbox', async ({ mara }, info) => {
  const jane = await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  await mara.sayWith(jane.channelId, '', [photo()]);
  const page = await mara.openConversation(jane.channelId);
  const downloads = await Downloads.of(page, info.outputPath('saved'));
  await feed(page).getByRole('button', { name: 'Open photo.jpg' }).click();
  const dialog = page.getByRole('dialog');
  const link = dialog.getByRole('link', { name: 'Download photo.jpg' });
  await expect(link).toHaveAttribute('title', 'Saves as Jane_15551234567_photo.jpg');
  const saved = await downloads.take(() => link.click());
  expect(saved.name).toBe('Jane_15551234567_photo.jpg');
  expect(saved.bytes.equals(photo().bytes)).toBe(true);
  await expect(dialog).toBeVisible();

  const byKey = await Downloads.of(page, info.outputPath('by key'));
  const again = await byKey.take(() => page.keyboard.press('d'));
  expect(again.bytes.equals(photo().bytes)).toBe(true);
});

test('a document of a contact', async ({ mara }, info) => {
  const jane = await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  const report = sample('service-report.pdf');
  await mara.sayWith(jane.channelId, '', [report]);
  const saved = await fromTheFeed(mara, jane.channelId, 'service-report.pdf', info.outputPath('saved'));
  expect(saved.name).toBe('Jane_15551234567_service-report.pdf');
  expect(saved.bytes.equals(report.bytes)).toBe(true);
});

test('of a contact without a phone', async ({ mara }, info) => {
  const bob = await mara.contact('Bob');
  await mara.sayWith(bob.channelId, '', [{ name: 'image.png', bytes: PNG }]);
  const saved = await fromTheFeed(mara, bob.channelId, 'image.png', info.outputPath('saved'));
  expect(saved.name).toBe('Bob_image.png');
  expect(saved.bytes.equals(PNG)).toBe(true);
});

test('of a team channel, where there is no contact', async ({ mara }, info) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, '', [photo()]);
  const saved = await fromTheFeed(mara, id, 'photo.jpg', info.outputPath('saved'));
  expect(saved.name).toBe('photo.jpg');
  expect(saved.bytes.equals(photo().bytes)).toBe(true);
});

test('of a file without a name', async ({ mara }, info) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, '', [{ name: '', bytes: photo().bytes, type: 'image/jpeg' }]);
  const saved = await fromTheFeed(mara, id, 'attachment', info.outputPath('saved'));
  expect(saved.name).toBe('attachment.jpg');
  expect(saved.bytes.equals(photo().bytes)).toBe(true);
});

test('by the keyboard, the lightbox shut', async ({ mara }, info) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, '', [photo()]);
  const page = await mara.openConversation(id);
  const downloads = await Downloads.of(page, info.outputPath('saved'));
  await feed(page).getByRole('button', { name: 'Open photo.jpg' }).focus();
  await page.keyboard.press('Tab');
  await expect(feed(page).getByRole('button', { name: 'More for photo.jpg' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(feed(page).getByRole('link', { name: 'Download photo.jpg' })).toBeFocused();
  const saved = await downloads.take(() => page.keyboard.press('Enter'));
  expect(saved.name).toBe('photo.jpg');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
