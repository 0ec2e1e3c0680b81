// Share links: made in a dialog, opened by somebody without an account and without scripts, over when they are over.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { feed } from './support/conversation';
import { Downloads } from './support/downloads';
import { sample } from './support/files';
import type { Person } from './support/person';
import { expect, test } from './support/test';

type Link = { id: string; url: string };

const share = (person: Person, body: object): Promise<Link> => person.post('/api/share-links', body);

/** The state of a page that leads nowhere. */
const overPage = (page: Page) => page.getByRole('heading', { name: 'This link does not work', level: 1 });

async function isSound(page: Page): Promise<void> {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wider, 'pixels that stand out at the side').toBe(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
}

test('a file is shared from its menu with a password, and opened with it', async ({ mara, visitor, console }, info) => {
  // Refused: a short password, a wrong one, a revoked link.
  console.expect(/422|403|404/);
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, '', [sample('service-report.pdf')]);
  const page = await mara.openConversation(id);
  await feed(page).getByRole('button', { name: 'More for service-report.pdf' }).click();
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Share service-report.pdf' });
  await expect(dialog.getByRole('button', { name: 'Create link' })).toBeFocused();
  await dialog.getByLabel('Expires after').selectOption('1 day');
  await dialog.getByLabel('Password').fill('abc');
  await dialog.getByRole('button', { name: 'Create link' }).click();
  await expect(dialog.getByText('Use 6 to 200 characters')).toBeVisible();
  await dialog.getByLabel('Password').fill('letmein');
  await dialog.getByRole('button', { name: 'Create link' }).click();
  await expect(dialog.getByText('The link is ready.')).toBeVisible();
  const url = (await dialog.locator('code').textContent())!;
  await expect(dialog.getByRole('row', { name: /service-report\.pdf.*password-protected/ })).toBeVisible();

  const stranger = await visitor({ javaScriptEnabled: false });
  const shared = await stranger.open(url);
  await expect(shared.getByRole('heading', { name: 'Password required' })).toBeVisible();
  await expect(shared.getByText('service-report')).toHaveCount(0);
  await shared.getByLabel('Password').fill('letmeout');
  await shared.getByRole('button', { name: 'Open' }).click();
  await expect(shared.getByRole('alert')).toHaveText(/Wrong password/);
  await shared.getByLabel('Password').fill('letmein');
  await shared.getByRole('button', { name: 'Open' }).click();
  await expect(shared.getByRole('heading', { name: 'service-report.pdf', level: 1 })).toBeVisible();
  const downloads = await Downloads.of(shared, info.outputPath('downloads'));
  const saved = await downloads.take(() => shared.getByRole('link', { name: 'Download service-report.pdf' }).click());
  expect(saved.name).toBe('service-report.pdf');
  expect(saved.bytes.equals(sample('service-report.pdf').bytes)).toBe(true);

  const links = await mara.open('/settings/share-links');
  const row = links.getByRole('row', { name: /service-report\.pdf/ });
  await expect(row.getByRole('cell').nth(1)).toHaveText('1');
  await row.getByRole('button', { name: 'Revoke the link to service-report.pdf' }).click();
  await links.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(row).toContainText('Revoked');
  await shared.reload();
  await expect(overPage(shared)).toBeVisible();
});

test('a link with a download limit shows how many are used', async ({ mara, visitor, console }, info) => {
  // Refused: no downloads at all, and what comes after the last.
  console.expect(/422|404/);
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, '', [sample('service-report.pdf')]);
  const page = await mara.openConversation(id);
  const openDialog = async () => {
    await feed(page).getByRole('button', { name: 'More for service-report.pdf' }).click();
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    return page.getByRole('dialog', { name: 'Share service-report.pdf' });
  };
  let dialog = await openDialog();
  const [limit, create] = [dialog.getByLabel('Download limit'), dialog.getByRole('button', { name: 'Create link' })];
  await limit.fill('a few');
  await create.click();
  await expect(dialog.getByRole('alert')).toHaveText(/whole number/);
  await limit.fill('0');
  await create.click();
  await expect(dialog.getByRole('alert')).toHaveText(/Choose 1 to/);
  await limit.fill('2');
  await create.click();
  const url = (await dialog.locator('code').textContent())!;
  await expect(dialog.getByRole('row', { name: /0 of 2/ })).toBeVisible();
  // On a phone the links stand one above the other.
  await page.setViewportSize({ width: 360, height: 740 });
  const box = dialog.getByRole('region', { name: /^Share links/ });
  await expect.poll(() => box.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
  await expect(dialog.getByRole('button', { name: /^Revoke the link/ })).toBeInViewport();
  await page.screenshot({ path: info.outputPath('links-on-a-phone.png') });
  await page.setViewportSize({ width: 1440, height: 900 });
  await dialog.getByRole('button', { name: 'Close' }).click();

  const shared = await (await visitor()).open(url);
  await expect(shared.getByText('2 downloads left')).toBeVisible();
  const address = (await shared.getByRole('link', { name: 'Download service-report.pdf' }).getAttribute('href'))!;
  // Who asks again, as a download manager does, has taken it once.
  for (let turn = 0; turn < 3; turn += 1) {
    expect((await shared.request.get(address)).status()).toBe(200);
  }
  dialog = await openDialog();
  await expect(dialog.getByRole('row', { name: /1 of 2/ })).toBeVisible();
  const late = await (await visitor()).open(url);
  await expect(late.getByText('1 download left')).toBeVisible();
  expect((await (await visitor()).context.request.get(address)).status()).toBe(200);
  // The page says so, and is not saved as the file.
  let saved = 0;
  late.on('download', () => (saved += 1));
  await late.getByRole('link', { name: 'Download service-report.pdf' }).click();
  await expect(overPage(late)).toBeVisible();
  expect(saved).toBe(0);
  await shared.reload();
  await expect(overPage(shared)).toBeVisible();
  const links = await mara.open('/settings/share-links');
  await expect(links.getByRole('row', { name: /2 of 2.*Used up/ })).toBeVisible();
});

test('sharing a video warns that its location stays in it', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const video = { ...sample('VID_0042.mp4'), type: 'video/mp4' };
  await mara.sayWith(id, 'Both', [video, sample('IMG_0231.jpg')]);
  const page = await mara.openConversation(id);
  const row = feed(page).getByRole('article').filter({ hasText: 'Both' });
  await row.hover();
  await row.getByRole('button', { name: 'Share the files' }).click();
  const dialog = page.getByRole('dialog', { name: 'Share 2 files' });
  await expect(dialog.getByRole('note')).toContainText('May still contain a location: VID_0042.mp4.');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await feed(page).getByRole('button', { name: 'More for IMG_0231.jpg' }).click();
  await page.getByRole('group', { name: 'More for IMG_0231.jpg' }).getByRole('button', { name: 'Share' }).click();
  await expect(page.getByRole('dialog', { name: 'Share IMG_0231.jpg' })).toBeVisible();
  await expect(page.getByRole('dialog').getByRole('note')).toHaveCount(0);
});

test('wrong, expired, revoked and deleted links look the same', async ({ mara, visitor, console }) => {
  console.expect(/404/);
  const { id } = await mara.channel('dispatch');
  const { attachments } = await mara.sayWith(id, '', [sample('IMG_0231.jpg'), sample('IMG_0236.jpg')]);
  const [first, second] = attachments.map((file) => file.id);
  const expired = await share(mara, { attachmentId: first, expiresIn: 1 });
  const revoked = await share(mara, { attachmentId: first, password: 'letmein' });
  await mara.post(`/api/share-links/${revoked.id}/revoke`);
  const deleted = await share(mara, { attachmentId: second });
  await mara.context.request.delete(`/api/attachments/${second}`);
  const page = await (await visitor()).open('/s/nothing');
  await expect(overPage(page)).toBeVisible();
  const wrong = await page.locator('body').innerHTML();
  for (const { url } of [revoked, deleted, expired]) {
    await expect(async () => {
      expect((await page.goto(url))!.status()).toBe(404);
    }).toPass();
    expect(await page.locator('body').innerHTML()).toBe(wrong);
  }
});

test('several files are viewed without scripts, and viewing is not counted', async ({ mara, visitor }, info) => {
  const { id } = await mara.channel('dispatch');
  const names = ['IMG_0231.jpg', 'VID_0042.mp4', 'service-report.pdf'];
  const samples = names.map((name) => ({ ...sample(name), type: name.endsWith('mp4') ? 'video/mp4' : sample(name).type }));
  const message = await mara.sayWith(id, '', samples);
  const { url } = await share(mara, { messageId: message.id, maxDownloads: 3 });
  const page = await (await visitor({ javaScriptEnabled: false })).open(url);
  const preview = page.getByRole('link', { name: 'View IMG_0231.jpg' }).locator('img');
  await expect(async () => {
    await page.reload();
    expect(await preview.count()).toBe(1);
    expect(await page.getByRole('link', { name: /^View / }).count(), 'the document has its preview too').toBe(3);
  }).toPass();
  const view = (name: string) => page.getByRole('region', { name });
  await page.getByRole('link', { name: 'View IMG_0231.jpg' }).click();
  await expect(view('IMG_0231.jpg, 1 of 3')).toBeVisible();
  const picture = view('IMG_0231.jpg, 1 of 3').locator('img');
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
  await expect(page.getByRole('link', { name: 'Download all as zip' }), 'what is behind').toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Previous file' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Next file' }).click();
  await expect(view('VID_0042.mp4, 2 of 3')).toBeVisible();
  await expect(view('IMG_0231.jpg, 1 of 3')).toHaveCount(0);
  await page.getByRole('link', { name: 'Next file' }).click();
  await expect(view('service-report.pdf, 3 of 3')).toBeVisible();
  await page.goBack();
  await expect(view('VID_0042.mp4, 2 of 3')).toBeVisible();
  await page.getByRole('link', { name: 'Close' }).click();
  await expect(page.getByRole('link', { name: 'Download all as zip' })).toBeVisible();
  await page.reload();
  await expect(page.getByText('3 downloads left')).toBeVisible();

  await page.getByRole('link', { name: 'View service-report.pdf' }).click();
  const downloads = await Downloads.of(page, info.outputPath('downloads'));
  const saved = await downloads.take(() => page.getByRole('link', { name: 'Download service-report.pdf' }).click());
  expect(saved.bytes.equals(sample('service-report.pdf').bytes)).toBe(true);
  await page.reload();
  await page.getByRole('link', { name: 'Close' }).click();
  await expect(page.getByText('2 downloads left')).toBeVisible();
  const all = await downloads.take(() => page.getByRole('link', { name: 'Download all as zip' }).click());
  expect(all.name).toMatch(/\.zip$/);
});

const SIZES = { desk: { width: 1440, height: 900 }, tablet: { width: 768, height: 1024 }, phone: { width: 360, height: 740 } };

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`what strangers see is sound, ${size}, ${colorScheme}`, async ({ mara, visitor, console }, info) => {
      console.expect(/404/);
      const { id } = await mara.channel('dispatch');
      const names = ['IMG_0231.jpg', 'panorama.jpg', 'service-report.pdf', 'VID_0042.mp4', 'voice-note.m4a'];
      const types: Record<string, string> = { mp4: 'video/mp4', m4a: 'audio/mp4' };
      const samples = names.map((name) => ({ ...sample(name), type: types[name.slice(-3)] ?? sample(name).type }));
      const long = sample('service-report.pdf', `${'long-name-'.repeat(20)}.pdf`);
      const message = await mara.sayWith(id, '', [...samples, long]);
      const page = await (await visitor({ viewport, colorScheme, reducedMotion: 'reduce' })).open('/s/nothing');
      await expect(overPage(page)).toBeVisible();
      await isSound(page);
      await page.goto((await share(mara, { messageId: message.id, password: 'letmein' })).url);
      await isSound(page);
      await page.screenshot({ path: info.outputPath('password.png') });
      await page.getByLabel('Password').fill('letmein');
      await page.getByRole('button', { name: 'Open' }).click();
      await expect(page.getByRole('heading', { name: '6 files', level: 1 })).toBeVisible();
      await isSound(page);
      await page.screenshot({ path: info.outputPath('files.png'), fullPage: true });
      await page.getByRole('link', { name: 'View VID_0042.mp4' }).click();
      await expect(page.getByRole('link', { name: 'Next file' })).toBeVisible();
      await isSound(page);
      await page.screenshot({ path: info.outputPath('viewer.png') });
      const { attachments } = message;
      await page.goto((await share(mara, { attachmentId: attachments[0]!.id, maxDownloads: 1 })).url);
      await expect(page.getByText('1 download left')).toBeVisible();
      await isSound(page);
      await page.screenshot({ path: info.outputPath('file.png'), fullPage: true });
    });
  }
}
