// Reading pictures of any size: zoom in real percentages, at the pointer, kept from picture to picture.
import { deflateSync, crc32 } from 'node:zlib';
import type { Page } from '@playwright/test';
import { feed } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

const lightbox = (page: Page) => page.getByRole('dialog');
const picture = (page: Page) => page.locator('[data-component=LightboxStage] img.lb-picture[data-whole]');

/** A gray PNG of any size. */
function png(width: number, height: number): Buffer {
  const chunk = (name: string, data: Buffer) => {
    const out = Buffer.alloc(data.length + 12);
    out.writeUInt32BE(data.length, 0);
    out.write(name, 4, 'latin1');
    data.copy(out, 8);
    out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height, 0x80);
  for (let row = 0; row < height; row += 1) rows[row * (width + 1)] = 0;
  const magic = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([magic, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** Pixels of the window for one of the picture. */
const scale = (page: Page) =>
  picture(page).evaluate((img: HTMLImageElement) => {
    const box = img.getBoundingClientRect();
    return Math.min(box.width / img.naturalWidth, box.height / img.naturalHeight);
  });

for (const [name, width, height] of [['tall.png', 1080, 20_000], ['wide.png', 20_000, 1080]] as const) {
  test(`${name} can be read: it is enlarged beyond its own pixels`, async ({ mara }) => {
    const { id } = await mara.channel('dispatch');
    await mara.sayWith(id, 'Long', [{ name, bytes: png(width, height), type: 'image/png' }]);
    const page = await mara.openConversation(id);
    await feed(page).getByRole('button', { name: `Open ${name}` }).click();
    await expect.poll(() => picture(page).evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(width);
    for (let press = 0; press < 12; press += 1) await page.keyboard.press('+');
    await expect.poll(() => scale(page)).toBeGreaterThanOrEqual(1);
    await page.keyboard.press('0');
    await picture(page).dblclick();
    await expect.poll(() => scale(page), 'a double click shows its own pixels').toBeCloseTo(1, 2);
    await expect(lightbox(page).getByRole('button', { name: /^Zoom 100 percent/ })).toBeVisible();
  });
}

test('the point under the pointer stays there', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Large', [{ name: 'large.png', bytes: png(3000, 2000), type: 'image/png' }]);
  const page = await mara.openConversation(id);
  await feed(page).getByRole('button', { name: 'Open large.png' }).click();
  await expect.poll(() => picture(page).evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(3000);
  const at = { x: 500, y: 300 };
  /** The part of the picture under the pointer, from 0 to 1. */
  const part = () =>
    picture(page).evaluate((img: HTMLImageElement, { x, y }) => {
      const box = img.getBoundingClientRect();
      const scale = Math.min(box.width / img.naturalWidth, box.height / img.naturalHeight);
      const [width, height] = [img.naturalWidth * scale, img.naturalHeight * scale];
      const left = box.left + (box.width - width) / 2;
      const top = box.top + (box.height - height) / 2;
      return [(x - left) / width, (y - top) / height];
    }, at);
  const before = await part();
  const fits = await scale(page);
  await page.mouse.move(at.x, at.y);
  for (let turn = 0; turn < 4; turn += 1) {
    await page.mouse.wheel(0, -200);
    await page.waitForTimeout(50);
  }
  await expect.poll(() => scale(page)).toBeGreaterThan(fits * 3);
  const after = await part();
  expect(after[0]).toBeCloseTo(before[0]!, 2);
  expect(after[1]).toBeCloseTo(before[1]!, 2);
});

test('zoom and position stay from picture to picture', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const files = ['a.png', 'b.png'].map((name) => ({ name, bytes: png(3000, 2000), type: 'image/png' }));
  await mara.sayWith(id, 'Two', files);
  const page = await mara.openConversation(id);
  await feed(page).getByRole('button', { name: 'Open a.png' }).click();
  await expect.poll(() => picture(page).evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(3000);
  await picture(page).dblclick({ position: { x: 300, y: 200 } });
  await expect.poll(() => scale(page)).toBeCloseTo(1, 2);
  const stage = page.locator('[data-component=LightboxStage]');
  const place = () => stage.evaluate((element) => [element.scrollLeft, element.scrollTop]);
  const before = await place();
  expect(before[0]).toBeGreaterThan(0);
  await lightbox(page).getByRole('button', { name: 'Next image' }).click();
  await expect(lightbox(page)).toHaveAccessibleName('b.png, image 2 of 2');
  await expect.poll(() => scale(page)).toBeCloseTo(1, 2);
  await expect.poll(async () => Math.abs((await place())[0]! - before[0]!)).toBeLessThan(3);
  expect(Math.abs((await place())[1]! - before[1]!)).toBeLessThan(3);
});

test('a document shows the current page, and is enlarged', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Read', [sample('service-report.pdf')]);
  type Listed = { attachments: { preview?: { state: string } }[] }[];
  await expect
    .poll(async () => (await mara.get<Listed>(`/api/channels/${id}/messages`))[0]?.attachments[0]?.preview?.state, { timeout: 30_000 })
    .toBe('ready');
  const page = await mara.openConversation(id);
  await feed(page).locator('[data-component=FileCard] .file-name').click();
  const sheet = lightbox(page).getByRole('img', { name: 'Page 1 of 3' });
  await expect.poll(() => sheet.evaluate((img: HTMLImageElement) => img.naturalHeight), { timeout: 30_000 }).toBeGreaterThan(0);
  await expect(lightbox(page).getByRole('status').filter({ hasText: 'Page' })).toHaveText('Page 1 of 3');
  const width = async () => (await sheet.boundingBox())!.width;
  const fits = await width();
  await lightbox(page).getByRole('button', { name: 'Zoom in' }).click();
  await expect.poll(width).toBeCloseTo(fits * 1.5, 0);
  await page.keyboard.press('0');
  await expect.poll(width).toBeCloseTo(fits, 0);
  await lightbox(page).getByRole('img', { name: 'Page 3 of 3' }).scrollIntoViewIfNeeded();
  await expect(lightbox(page).getByRole('status').filter({ hasText: 'Page' })).toHaveText(/Page [23] of 3/);
});
