// Two fingers on a picture, as the browser itself reports them.
import { feed } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const SHOWN = '[data-component=LightboxStage] img.lb-picture[data-whole]';

type Point = { x: number; y: number };

test('a picture is pinched larger, dragged, pinched back, and swiped on', async ({ mara, browser }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Two', ['IMG_0231.jpg', 'IMG_0236.jpg'].map((name) => sample(name)));
  const phone = await mara.elsewhere(browser, PHONE);
  const page = await phone.openConversation(id);
  await feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' }).tap();
  const dialog = page.getByRole('dialog');
  const stage = dialog.locator('[data-component=LightboxStage]');
  await expect(dialog).toHaveAccessibleName('IMG_0231.jpg, image 1 of 2');
  const width = () => page.locator(SHOWN).evaluate((img) => img.getBoundingClientRect().width);
  await expect.poll(() => page.locator(SHOWN).evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  const fits = await width();

  const session = await page.context().newCDPSession(page);
  /** Fingers go down at the first of these places, by way of the others to the last, and up. */
  const move = async (...places: Point[][]) => {
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: Point[]) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: touchPoints.map((point, id) => ({ ...point, id })) });
    await touch('touchStart', places[0]!);
    for (const points of places.slice(1)) {
      await touch('touchMove', points);
    }
    await touch('touchEnd', []);
  };
  const { x, y } = await stage.evaluate((element) => {
    const box = element.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  });
  const apart = (distance: number): Point[] => [{ x: x - distance / 2, y }, { x: x + distance / 2, y }];

  await move(apart(60), apart(90), apart(120), apart(150), apart(180));
  await expect.poll(width).toBeGreaterThan(fits * 2.5);
  await expect(dialog).toHaveAccessibleName('IMG_0231.jpg, image 1 of 2');
  const scrolled = () => stage.evaluate((element) => ({ left: element.scrollLeft, top: element.scrollTop }));
  const before = await scrolled();
  const steps = Array.from({ length: 8 }, (_, step) => [{ x: x + 60 - step * 15, y }]);
  await move(...steps);
  await expect.poll(async () => (await scrolled()).left).toBeGreaterThan(before.left + 30);
  await expect(dialog, 'a drag turns no page').toHaveAccessibleName('IMG_0231.jpg, image 1 of 2');

  await move(apart(180), apart(120), apart(60), apart(40));
  await expect.poll(width).toBeCloseTo(fits, 0);
  await move(...steps);
  await expect(dialog).toHaveAccessibleName('IMG_0236.jpg, image 2 of 2');
  await phone.context.close();
});
