// The lightbox with large pictures, documents and text.
import { feed } from './support/conversation';
import { largePhoto, sample } from './support/files';
import { expect, test } from './support/test';

const SHOWN = '[data-component=LightboxStage] img.lb-picture[data-whole]';

/** Waits until the previews of all files of a channel are made. */
async function previewed(person: { get: <T>(path: string) => Promise<T> }, channel: string): Promise<void> {
  type Listed = { attachments: { preview?: { state: string } }[] }[];
  const pending = async () => {
    const messages = await person.get<Listed>(`/api/channels/${channel}/messages`);
    return messages.flatMap(({ attachments }) => attachments).filter(({ preview }) => preview?.state === 'pending').length;
  };
  await expect.poll(pending, { timeout: 30_000 }).toBe(0);
}

test('a large picture has a preview until it is loaded', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Large', [largePhoto('panorama.jpg', 'panorama.jpg', 900_000)]);
  await previewed(mara, id);
  const page = await mara.openConversation(id);
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  // The whole one is held back until the small one was seen.
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(/attachments\/[^/?]+$/, async (route) => {
    await held;
    await route.continue();
  });
  await feed(page).getByRole('button', { name: 'Open panorama.jpg' }).click();
  const stage = page.locator('[data-component=LightboxStage]');
  const small = stage.locator('img:not([data-whole])');
  await expect(small).toHaveAttribute('src', /thumbnail\?size=view$/);
  await expect.poll(() => small.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  release();
  await expect(small).toHaveCount(0);
  await expect.poll(() => page.locator(SHOWN).evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
});

test('keys zoom, arrows then move the picture, 0 fits it again', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Two', ['IMG_0231.jpg', 'IMG_0236.jpg'].map((name) => sample(name)));
  const page = await mara.openConversation(id);
  await feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' }).click();
  const dialog = page.getByRole('dialog');
  const stage = dialog.locator('[data-component=LightboxStage]');
  const width = () => page.locator(SHOWN).evaluate((img) => img.getBoundingClientRect().width);
  const fits = await width();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await expect.poll(width).toBeGreaterThan(fits * 1.2);
  await expect(dialog.getByRole('button', { name: /^Zoom 200 percent/ })).toBeVisible();
  const before = await stage.evaluate((element) => element.scrollLeft);
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => stage.evaluate((element) => element.scrollLeft)).toBeGreaterThan(before);
  await expect(dialog).toHaveAccessibleName('IMG_0231.jpg, image 1 of 2');
  await page.keyboard.press('-');
  await expect(dialog.getByRole('button', { name: /^Zoom 150 percent/ })).toBeVisible();
  await page.keyboard.press('0');
  await expect.poll(width).toBeCloseTo(fits, 0);
  await stage.hover();
  await page.mouse.wheel(0, -200);
  await expect.poll(width).toBeGreaterThan(fits * 1.2);
  await page.keyboard.press('0');
  await page.keyboard.press('ArrowRight');
  await expect(dialog).toHaveAccessibleName('IMG_0236.jpg, image 2 of 2');
});

test('text is shown as text, with any content', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const bytes = Buffer.from('<script>document.title = "taken"</script>\n<b>Grüße</b>\n');
  await mara.sayWith(id, 'Read', [{ name: 'notes.txt', bytes }]);
  const page = await mara.openConversation(id);
  await feed(page).locator('[data-component=FileCard] .file-name').click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toHaveAccessibleName('notes.txt, file 1 of 1');
  await expect(dialog.locator('pre')).toHaveText(/<script>document.title = "taken"<\/script>\s+<b>Grüße<\/b>/);
  await expect(dialog.locator('pre b')).toHaveCount(0);
  await expect(dialog.getByRole('link', { name: 'Download notes.txt' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toHaveCount(0);
});

test('a document shows its first page in the feed and its pages in the lightbox', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Read', [sample('service-report.pdf')]);
  await previewed(mara, id);
  const page = await mara.openConversation(id);
  const card = feed(page).locator('[data-component=FileCard]');
  await expect(card.getByText('3 pages')).toBeVisible();
  await expect(card.locator('.file-type img')).toHaveAttribute('src', /thumbnail\?size=poster$/);
  await card.locator('.file-name').click();
  const sheet = page.getByRole('dialog').getByRole('img', { name: 'Page 1 of 3' });
  await expect.poll(() => sheet.evaluate((img: HTMLImageElement) => img.naturalHeight), { timeout: 30_000 }).toBe(1600);
});

test('a video has a poster before it plays, and plays in the lightbox too', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'See', [sample('IMG_0231.jpg'), { ...sample('VID_0042.mp4'), type: 'video/mp4' }]);
  await previewed(mara, id);
  const page = await mara.openConversation(id);
  await expect(feed(page).locator('video')).toHaveAttribute('poster', /thumbnail\?size=poster$/);
  await feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toHaveAccessibleName('IMG_0231.jpg, image 1 of 2');
  await page.keyboard.press('ArrowRight');
  await expect(dialog).toHaveAccessibleName('VID_0042.mp4, file 2 of 2');
  const video = dialog.locator('video');
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.readyState)).toBeGreaterThan(0);
});

test('a voice note plays in the lightbox', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Listen', [sample('IMG_0231.jpg'), { ...sample('voice-note.m4a'), type: 'audio/mp4' }]);
  const page = await mara.openConversation(id);
  await feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toHaveAccessibleName('IMG_0231.jpg, image 1 of 2');
  await page.keyboard.press('ArrowRight');
  await expect(dialog).toHaveAccessibleName('voice-note.m4a, file 2 of 2');
  const audio = dialog.locator('audio');
  await expect.poll(() => audio.evaluate((element: HTMLAudioElement) => element.readyState)).toBeGreaterThan(0);
  await audio.focus();
  await page.keyboard.press('Space');
  await expect.poll(() => audio.evaluate((element: HTMLAudioElement) => element.currentTime)).toBeGreaterThan(0);
});
