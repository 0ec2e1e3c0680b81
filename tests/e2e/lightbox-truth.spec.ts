// What the lightbox shows belongs to the name above it, also on a slow line.
import type { Page } from '@playwright/test';
import { feed, goTo, pick, sendButton } from './support/conversation';
import { largePhoto, sample } from './support/files';
import { expect, test } from './support/test';

const lightbox = (page: Page) => page.getByRole('dialog');

/** Delays every answer with a file in it, so that what comes late can cover what was asked for later. */
async function slowFiles(page: Page, milliseconds: number): Promise<void> {
  await page.route(/\/api\/(messages\/attachments|attachments)\//, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    await route.continue().catch(() => {});
  });
}

/** What is shown in the stage: addresses of pictures and players, and text. */
const shown = (page: Page) =>
  page.locator('[data-component=LightboxStage]').evaluate((stage) => ({
    sources: [...stage.querySelectorAll('img, video, audio')].map((element) => (element as HTMLImageElement).currentSrc || (element as HTMLImageElement).src),
    text: stage.querySelector('pre')?.textContent ?? '',
  }));

test('on a slow connection every step shows only the named file', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const text = (name: string) => ({ name, bytes: Buffer.from(`This is ${name}.\n`), type: 'text/plain' });
  const files = [
    sample('IMG_0231.jpg'), sample('IMG_0236.jpg'), largePhoto('IMG_0237.jpg', 'large.jpg', 700_000),
    { ...sample('VID_0042.mp4'), type: 'video/mp4' }, text('one.txt'), text('two.txt'), text('three.txt'),
  ];
  const { attachments } = await mara.sayWith(id, 'Mixed', files);
  const page = await mara.openConversation(id);
  await slowFiles(page, 700);
  await feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' }).click();
  const idOf = (name: string) => attachments.find((file) => file.fileName === name)!.id;
  const names = files.map((file) => file.name);
  const walk = [...names.map((name) => [name, 'ArrowRight']), ...names.slice(0, -1).reverse().map((name) => [name, 'ArrowLeft'])];
  for (const [step, [name, key]] of walk.entries()) {
    if (step > 0) await page.keyboard.press(key!);
    await expect(lightbox(page)).toHaveAccessibleName(new RegExp(`^${name!.replace('.', '\\.')},`));
    // At once, and as what was asked for before comes in.
    for (let look = 0; look < 3; look += 1) {
      const { sources, text } = await shown(page);
      for (const source of sources.filter((source) => !source.startsWith('data:'))) {
        expect(source, `under ${name}`).toContain(idOf(name!));
      }
      if (text) expect(text, `under ${name}`).toBe(`This is ${name}.\n`);
      await page.waitForTimeout(40);
    }
  }
});

test('each of several texts is shown correctly', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const names = ['one.txt', 'two.txt', 'three.txt'];
  await mara.sayWith(id, 'Read', names.map((name) => ({ name, bytes: Buffer.from(`This is ${name}.\n`), type: 'text/plain' })));
  const page = await mara.openConversation(id);
  await feed(page).getByRole('link', { name: 'one.txt', exact: true }).click();
  for (const name of names) {
    await expect(lightbox(page)).toHaveAccessibleName(new RegExp(`^${name}`));
    await expect(lightbox(page).locator('pre')).toHaveText(`This is ${name}.`);
    await page.keyboard.press('ArrowRight');
  }
});

test('a file that arrives in the open lightbox changes only the count', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Two', [sample('IMG_0231.jpg'), sample('IMG_0236.jpg')]);
  const page = await mara.openConversation(id);
  await feed(page).getByRole('button', { name: 'Open IMG_0236.jpg' }).click();
  await expect(lightbox(page)).toHaveAccessibleName('IMG_0236.jpg, image 2 of 2');
  await mara.sayWith(id, 'Another', [sample('IMG_0237.jpg')]);
  await expect(lightbox(page)).toHaveAccessibleName('IMG_0236.jpg, image 2 of 3');
  await page.keyboard.press('ArrowRight');
  await expect(lightbox(page)).toHaveAccessibleName('IMG_0237.jpg, image 3 of 3');
});

test('sent photos are pictures when the conversation is opened again', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.channel('repairs');
  const page = await mara.openConversation(id);
  // Sent while it goes up, and left before it is there.
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/*', async (route) => {
    if (route.request().method() === 'PUT') await held;
    await route.fallback();
  });
  await pick(page, { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: largePhoto('IMG_0231.jpg', 'photo.jpg', 700_000).bytes });
  await sendButton(page).click();
  await goTo(page, 'repairs');
  release();
  type Listed = { attachments: { preview?: { state: string } }[] }[];
  const ready = async () => (await mara.get<Listed>(`/api/channels/${id}/messages`))[0]?.attachments[0]?.preview?.state;
  await expect.poll(ready, { timeout: 30_000 }).toBe('ready');
  await goTo(page, 'dispatch');
  const picture = feed(page).getByRole('button', { name: 'Open photo.jpg' }).locator('img');
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth), { timeout: 15_000 }).toBeGreaterThan(0);
});
