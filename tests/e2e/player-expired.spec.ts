// A film that was paused for longer than its signed address lives plays on.
import type { Page } from '@playwright/test';
import { feed } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

const film = sample('VID_0042.mp4');
/** So much comes by the first address before it expires. */
const FIRST = 30_000;

/** Serves the film as a store does whose address has expired after the first bytes. A fresh address serves all of it. */
async function expire(page: Page, id: string): Promise<() => number> {
  let refused = 0;
  const { length } = film.bytes;
  await page.route(new RegExp(`/api/messages/attachments/${id}(\\?.*)?$`), (route) => {
    const isFresh = new URL(route.request().url()).searchParams.has('try');
    const start = Number(/bytes=(\d+)/.exec(route.request().headers()['range'] ?? '')?.[1] ?? 0);
    if (!isFresh && start >= FIRST) {
      refused += 1;
      return route.fulfill({ status: 403, body: 'Request has expired' });
    }
    const end = isFresh ? length : FIRST;
    return route.fulfill({
      status: 206,
      headers: { 'content-type': 'video/mp4', 'accept-ranges': 'bytes', 'content-range': `bytes ${start}-${end - 1}/${length}` },
      body: film.bytes.subarray(start, end),
    });
  });
  return () => refused;
}

for (const where of ['the feed', 'the lightbox'] as const) {
  test(`in ${where} it goes on with a fresh address`, async ({ mara, console }) => {
    console.expect(/403|Failed to load/);
    const { id } = await mara.channel('dispatch');
    const { attachments } = await mara.sayWith(id, 'See', [sample('IMG_0231.jpg'), { ...film, type: 'video/mp4' }]);
    const page = await mara.openConversation(id);
    const refused = await expire(page, attachments[1]!.id);
    let video = feed(page).locator('video');
    if (where === 'the feed') {
      await feed(page).getByRole('button', { name: /^Play VID_0042/ }).click();
    } else {
      await feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' }).click();
      await page.keyboard.press('ArrowRight');
      video = page.getByRole('dialog').locator('video');
      await video.evaluate((element: HTMLVideoElement) => element.play());
    }
    await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.ended || element.currentTime > element.duration - 0.3), { timeout: 30_000 }).toBe(true);
    expect(refused(), 'the first address had expired').toBeGreaterThan(0);
  });
}
