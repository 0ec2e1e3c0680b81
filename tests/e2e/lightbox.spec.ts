// Looking at pictures.
import { feed } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

const PICTURES = ['IMG_0231.jpg', 'IMG_0236.jpg', 'IMG_0237.jpg'];

test('the lightbox opens from a thumbnail, steps, closes with Esc, and returns the focus', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Three', PICTURES.map((name) => sample(name)));
  const page = await mara.openConversation(id);
  const tile = feed(page).getByRole('button', { name: 'Open IMG_0236.jpg' });
  await tile.click();

  const dialog = page.getByRole('dialog');
  const shown = dialog.locator('[data-component=LightboxStage] img');
  await expect(dialog).toHaveAccessibleName('IMG_0236.jpg, image 2 of 3');
  await expect(shown).toHaveAttribute('alt', 'IMG_0236.jpg');
  await dialog.getByRole('button', { name: 'Next image' }).click();
  await expect(shown).toHaveAttribute('alt', 'IMG_0237.jpg');
  await expect(dialog.getByRole('button', { name: 'Next image' })).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Previous image' }).click();
  await expect(shown).toHaveAttribute('alt', 'IMG_0236.jpg');
  await page.keyboard.press('ArrowLeft');
  await expect(shown).toHaveAttribute('alt', 'IMG_0231.jpg');
  await expect(dialog.getByRole('button', { name: 'Previous image' })).toHaveCount(0);
  await page.keyboard.press('ArrowRight');
  await expect(shown).toHaveAttribute('alt', 'IMG_0236.jpg');
  await expect.poll(() => shown.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);

  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(tile).toBeFocused();
});

test('keys work after a step to the end by the buttons, and after a click', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Three', PICTURES.map((name) => sample(name)));
  const page = await mara.openConversation(id);
  await feed(page).getByRole('button', { name: 'Open IMG_0236.jpg' }).click();
  const dialog = page.getByRole('dialog');
  // The button that was used goes away at the end, with the focus on it.
  await dialog.getByRole('button', { name: 'Next image' }).click();
  await expect(dialog).toHaveAccessibleName('IMG_0237.jpg, image 3 of 3');
  await page.keyboard.press('ArrowLeft');
  await expect(dialog).toHaveAccessibleName('IMG_0236.jpg, image 2 of 3');
  // A click on the picture takes the focus from the button that had it.
  await dialog.locator('[data-component=LightboxStage]').click();
  await page.keyboard.press('Home');
  await expect(dialog).toHaveAccessibleName('IMG_0231.jpg, image 1 of 3');
  await page.keyboard.press('End');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('Close closes, and the focus stays inside as long as it is open', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Two', PICTURES.slice(0, 2).map((name) => sample(name)));
  const page = await mara.openConversation(id);
  const tile = feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' });
  await tile.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Close' })).toBeFocused();
  for (let step = 0; step < 20; step += 1) {
    await page.keyboard.press('Tab');
    const outside = await page.evaluate(() => {
      const focused = document.activeElement;
      return focused !== document.body && focused?.closest('dialog') === null;
    });
    expect(outside, `after ${step + 1} tabs`).toBe(false);
  }
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(tile).toBeFocused();
});

test('all pictures of a message with more than four are reachable from the last tile', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const names = ['IMG_4410.jpg', 'IMG_4411.jpg', 'IMG_4412.jpg', 'IMG_4413.jpg', 'IMG_4414.jpg', 'IMG_4415.jpg'];
  await mara.sayWith(id, 'Six', names.map((name) => sample(name)));
  const page = await mara.openConversation(id);
  await feed(page).getByRole('button', { name: '+2, show all 6 images' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toHaveAccessibleName('IMG_4413.jpg, image 4 of 6');
  await page.keyboard.press('End');
  await expect(dialog).toHaveAccessibleName('IMG_4415.jpg, image 6 of 6');
});
