// Video and voice notes, played where they stand.
import { type Locator, type Page } from '@playwright/test';
import { feed } from './support/conversation';
import { sample } from './support/files';
import type { Person } from './support/person';
import { expect, test } from './support/test';

async function conversation(mara: Person): Promise<Page> {
  const { id } = await mara.channel('dispatch');
  const files = [{ ...sample('VID_0042.mp4'), type: 'video/mp4' }, { ...sample('voice-note.m4a'), type: 'audio/mp4' }];
  await mara.sayWith(id, 'See and hear', files);
  return mara.openConversation(id);
}

const video = (page: Page) => feed(page).locator('[data-component=VideoPlayer]');
const voice = (page: Page) => feed(page).locator('[data-component=VoiceNote]');
const slider = (player: Locator) => player.getByRole('slider', { name: 'Position' });

const media = (player: Locator) =>
  player.locator('video, audio').evaluate((element: HTMLMediaElement) => {
    const { paused, currentTime, duration, muted, playbackRate } = element;
    return { paused, currentTime, duration, muted, playbackRate };
  });

test('a video shows its duration, plays, seeks, mutes and opens full screen, by keyboard', async ({ mara }) => {
  const page = await conversation(mara);
  const player = video(page);
  await expect(player.locator('.tile-badge')).toHaveText(/^0:\d\d$/);
  await player.getByRole('button', { name: /^Play VID_0042\.mp4, \d+ seconds?$/ }).press('Enter');
  const toggle = player.getByRole('button', { name: /^(Play|Pause)$/ });
  await expect(toggle, 'the focus goes on to the controls').toBeFocused();
  await expect(toggle).toHaveAccessibleName('Pause');
  await expect.poll(async () => (await media(player)).currentTime).toBeGreaterThan(0);
  // Nothing of the file is fetched before.
  const { duration } = await media(player);
  await page.keyboard.press('Space');
  await expect(toggle).toHaveAccessibleName('Play');
  expect((await media(player)).paused).toBe(true);

  await page.keyboard.press('Tab');
  await expect(slider(player)).toBeFocused();
  await page.keyboard.press('End');
  await expect.poll(async () => (await media(player)).currentTime).toBeCloseTo(duration, 0);
  const before = (await media(player)).currentTime;
  await page.keyboard.press('ArrowLeft');
  await expect.poll(async () => (await media(player)).currentTime).toBeCloseTo(Math.max(0, before - 5), 0);
  await page.keyboard.press('Home');
  await expect.poll(async () => (await media(player)).currentTime).toBe(0);
  await expect(slider(player)).toHaveAttribute('aria-valuetext', /^0 seconds of \d+ seconds?$/);
  await page.keyboard.press('ArrowRight');
  await expect(slider(player), 'within the message the arrows stay with the slider').toBeFocused();
  await expect.poll(async () => (await media(player)).currentTime).toBeCloseTo(Math.min(5, duration), 0);

  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(player.getByRole('button', { name: 'Mute' })).toHaveAttribute('aria-pressed', 'true');
  expect((await media(player)).muted).toBe(true);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.fullscreenElement?.className)).toBe('video');
  await player.getByRole('button', { name: 'Full screen' }).press('Enter');
  await expect.poll(() => page.evaluate(() => document.fullscreenElement)).toBeNull();
  await expect(player.getByRole('link', { name: 'Download VID_0042.mp4' })).toHaveAttribute('href', /download=1/);
});

test('a voice note plays, faster when asked, and stops when something else plays', async ({ mara }) => {
  const page = await conversation(mara);
  const player = voice(page);
  await player.getByRole('button', { name: /^Play voice-note\.m4a, \d+ seconds?$/ }).click();
  await expect(player.getByRole('button', { name: 'Pause voice-note.m4a' })).toBeVisible();
  await expect.poll(async () => (await media(player)).currentTime).toBeGreaterThan(0);
  for (const speed of ['1.5', '2', '1']) {
    await player.getByRole('button', { name: /^Speed/ }).click();
    await expect(player.getByRole('button', { name: `Speed, ${speed} times` })).toHaveText(`${speed}×`);
    expect((await media(player)).playbackRate).toBe(Number(speed));
  }
  await slider(player).press('Home');
  await video(page).getByRole('button', { name: /^Play VID/ }).click();
  await expect.poll(async () => (await media(video(page))).paused).toBe(false);
  await expect(player.getByRole('button', { name: /^Play voice-note/ })).toBeVisible();
  expect((await media(player)).paused).toBe(true);
});

test("media that the browser can't play can still be saved", async ({ mara, console }) => {
  console.expect(/VID_0042|Failed to load/);
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Broken on the way', [{ ...sample('VID_0042.mp4'), type: 'video/mp4' }]);
  const page = await mara.context.newPage();
  await page.route('**/api/messages/attachments/**', (route) => route.fulfill({ status: 200, contentType: 'video/mp4', body: 'no' }));
  await page.goto(`/inbox/${id}`);
  // With its preview there nothing of it is fetched until it is to play, without it at once.
  const play = video(page).getByRole('button', { name: /^Play VID_0042/ });
  await expect(async () => {
    if (await play.isVisible()) await play.click();
    await expect(video(page)).toContainText("This browser can't play VID_0042.mp4", { timeout: 1000 });
  }).toPass();
  await expect(video(page).getByRole('link', { name: 'Download' })).toHaveAttribute('href', /download=1/);
});
