// A phone: fingers do not hover, so what a mouse finds there is behind a button.
import { feed } from './support/conversation';
import { expect, test } from './support/test';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

test('the actions of a message are behind its "More" on a touch screen', async ({ mara, browser }) => {
  const { channelId } = await mara.contact('Jane', 'Doe');
  await mara.say(channelId, 'The first');
  await mara.say(channelId, 'The second, of the same group');
  const phone = await mara.elsewhere(browser, PHONE);
  await phone.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await phone.openConversation(channelId);
  const entry = feed(page).getByRole('article').filter({ hasText: 'The first' });
  const actions = entry.getByRole('toolbar', { name: 'Actions' });
  const more = entry.getByRole('button', { name: 'More' });
  await expect(actions).toBeHidden();
  await expect(more).toHaveAttribute('aria-expanded', 'false');
  const size = (await more.boundingBox())!;
  expect(Math.min(size.width, size.height), 'large enough for a finger').toBeGreaterThanOrEqual(32);

  await more.tap();
  await expect(more).toHaveAttribute('aria-expanded', 'true');
  await expect(actions).toBeVisible();
  const box = (await actions.boundingBox())!;
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(360);
  const overlap = Math.min(box.x + box.width, size.x + size.width) - Math.max(box.x, size.x);
  expect(overlap, 'the button that closes it stays free').toBeLessThanOrEqual(0);

  await actions.getByRole('button', { name: 'Copy link' }).tap();
  await expect(actions.getByRole('button', { name: 'Link copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(new RegExp(`/inbox/${channelId}\\?message=`));
  await more.tap();
  await expect(actions).toBeHidden();
  await phone.context.close();
});

test('the further messages of a group have a button of their own', async ({ mara, browser }) => {
  const { channelId } = await mara.contact('Jane', 'Doe');
  await mara.say(channelId, 'The first');
  await mara.say(channelId, 'The second, of the same group');
  const phone = await mara.elsewhere(browser, PHONE);
  const page = await phone.openConversation(channelId);
  const entry = feed(page).getByRole('article').filter({ hasText: 'The second' });
  await expect(entry.getByRole('toolbar', { name: 'Actions' })).toBeHidden();
  await entry.getByRole('button', { name: 'More' }).tap();
  await expect(entry.getByRole('toolbar', { name: 'Actions' })).toBeVisible();
  await phone.context.close();
});
