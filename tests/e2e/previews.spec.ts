// What stands for a file in the feed: small, in its place before it comes, and there without a reload.
import type { Page } from '@playwright/test';
import { feed } from './support/conversation';
import { largePhoto, sample, type Sample } from './support/files';
import { expect, test } from './support/test';

const MOST = 200_000;

/** A PNG that announces more pixels than anybody has memory for. */
function bomb(name: string): Sample {
  const bytes = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC', 'base64');
  bytes.writeUInt32BE(65535, 16);
  bytes.writeUInt32BE(65535, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return { name, bytes };
}

function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
    }
  }
  return ~sum >>> 0;
}

/** Two frames of one color each. */
function animation(name: string): Sample {
  const head = [0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 2, 0, 2, 0, 0x80, 0, 0, 200, 60, 20, 20, 60, 200];
  const frame = (color: number[]) => [0x21, 0xf9, 4, 0, 50, 0, 0, 0, 0x2c, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 2, ...color, 0];
  return { name, bytes: Buffer.from([...head, ...frame([0x84, 0x51]), ...frame([0x8c, 0x53]), 0x3b]) };
}

/** How far the page moved by itself since it was opened. */
async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const seen = window as unknown as { shifts: number };
    seen.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) {
        seen.shifts += entry.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return () => page.evaluate(() => (window as unknown as { shifts: number }).shifts);
}

/** Bytes of each picture that the page loads, by its path. */
function loadedPictures(page: Page): Map<string, number> {
  const loaded = new Map<string, number>();
  page.on('requestfinished', async (request) => {
    if (request.resourceType() === 'image' && !request.url().startsWith('data:')) {
      const response = await request.response();
      const length = Number((await response?.headerValue('content-length')) ?? 0);
      loaded.set(request.url(), length);
    }
  });
  return loaded;
}

test('the feed loads small pictures in place of large ones, and nothing jumps', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const photos = [largePhoto('panorama.jpg', 'panorama.jpg', 900_000), largePhoto('IMG_0231.jpg', 'one.jpg', 300_000)];
  await mara.sayWith(id, 'Two', photos);
  await mara.sayWith(id, 'One', [largePhoto('IMG_0236.jpg', 'large.jpg', 700_000), sample('IMG_0237.jpg')]);
  const states = async () => {
    const messages = await mara.get<{ attachments: { preview?: { state: string } }[] }[]>(`/api/channels/${id}/messages`);
    return messages.flatMap(({ attachments }) => attachments.map(({ preview }) => preview?.state));
  };
  await expect.poll(states, { timeout: 30_000 }).toEqual(['ready', 'ready', 'ready', 'ready']);

  const page = await mara.context.newPage();
  const shifts = await watchShifts(page);
  const loaded = loadedPictures(page);
  // As on a slow machine, which would paint the page while it is still being read.
  await (await mara.context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.goto(`/inbox/${id}`);
  for (const name of ['panorama.jpg', 'one.jpg', 'large.jpg', 'IMG_0237.jpg']) {
    const picture = feed(page).getByRole('img', { name });
    await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  }
  await expect.poll(() => loaded.size).toBeGreaterThan(3);
  for (const [url, size] of loaded) {
    expect(size, url).toBeLessThanOrEqual(MOST);
  }
  // Less than a letter: times turn into those of the browser's zone.
  expect(await shifts()).toBeLessThan(0.001);
});

test('a preview appears in an open feed as soon as it exists', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const tim = await colleague('Tim Weber');
  const page = await tim.openConversation(id);
  await mara.sayWith(id, 'Here', [largePhoto('IMG_0231.jpg', 'large.jpg', 400_000)]);
  const picture = feed(page).getByRole('img', { name: 'large.jpg' });
  await expect(picture).toHaveAttribute('src', /thumbnail\?size=feed$/, { timeout: 30_000 });
  await expect(feed(page).locator('[data-component=AttachmentTile]')).toHaveAttribute('style', /data:image\/bmp;base64,/);
});

test('a picture that cannot be previewed says why and can be saved', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Boom', [bomb('bomb.png')]);
  const page = await mara.openConversation(id);
  await expect(feed(page).getByText('Too many pixels to preview: 65535 × 65535')).toBeVisible({ timeout: 30_000 });
  await expect(feed(page).getByRole('link', { name: 'Download bomb.png' })).toBeVisible();
});

test('an animated picture is paused until it is played', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Look', [animation('dance.gif')]);
  const page = await mara.openConversation(id);
  const picture = feed(page).getByRole('img', { name: 'dance.gif' });
  await expect(picture).toHaveAttribute('src', /thumbnail\?size=feed$/, { timeout: 30_000 });
  await feed(page).getByRole('button', { name: 'Play dance.gif' }).click();
  await expect(picture).toHaveAttribute('src', /attachments\/[^/]+$/);
  await feed(page).getByRole('button', { name: 'Stop dance.gif' }).click();
  await expect(picture).toHaveAttribute('src', /thumbnail\?size=feed$/);
});
