// File requests: asked for in a conversation, answered from a phone by somebody without an account, with and without scripts.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { feed } from './support/conversation';
import { drop, largePhoto, sample, typeOf, type Sample } from './support/files';
import { SLOW_3G } from './support/network';
import type { Person } from './support/person';
import { expect, test } from './support/test';

type Request = { id: string; url: string };

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

const request = (person: Person, body: object): Promise<Request> => person.post('/api/file-requests', body);

const asFile = (file: Sample) => ({ name: file.name, mimeType: typeOf(file), buffer: file.bytes });

/** Picks files as a person does. */
async function choose(page: Page, button: string, files: Sample[]): Promise<void> {
  const dialog = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button }).click();
  await (await dialog).setFiles(files.map(asFile));
}

const rows = (page: Page) => page.locator('#list > li');

const sent = (page: Page) => page.getByRole('heading', { name: 'Sent', level: 1 });

async function isSound(page: Page): Promise<void> {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wider, 'pixels that stand out at the side').toBe(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
}

test('a customer is asked for photos and sends them from the phone', async ({ mara, visitor }) => {
  const jane = await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  const page = await mara.openConversation(jane.channelId);
  await page.getByRole('button', { name: 'Request files', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Request files' });
  await expect(dialog.getByLabel('Note')).toBeFocused();
  await dialog.getByLabel('Note').fill('Photos of the tap, please');
  await dialog.getByRole('button', { name: 'Create link' }).click();
  await expect(dialog.getByText('The link is ready.')).toBeVisible();
  await expect(dialog.getByRole('img', { name: 'QR code of the link' })).toBeVisible();
  const url = (await dialog.locator('code').textContent())!;
  await dialog.getByRole('button', { name: 'Close' }).click();
  const card = feed(page).locator('[data-component=FileRequestCard]');
  await expect(card).toContainText('Not opened yet');

  const customer = await (await visitor(PHONE)).open(url);
  await expect(customer.getByRole('heading', { name: /^Send files to/ })).toBeVisible();
  await expect(customer.getByText('Photos of the tap, please')).toBeVisible();
  await expect(customer.getByRole('button', { name: 'Take photo' })).toBeVisible();
  await isSound(customer);
  await expect(card).toContainText('Opened');
  await choose(customer, 'Choose files', [sample('IMG_0231.jpg'), sample('service-report.pdf')]);
  await expect(rows(customer)).toHaveCount(2);
  await expect(rows(customer).nth(1)).toHaveAttribute('data-state', 'done');
  await expect(rows(customer).first()).toHaveAttribute('data-state', 'done');
  await isSound(customer);
  await customer.getByLabel('Message').fill('It drips since Monday.');
  await customer.getByRole('button', { name: 'Send' }).click();
  await expect(sent(customer)).toBeVisible();
  await expect(customer.getByText('2 files arrived.')).toBeVisible();
  await isSound(customer);

  const entry = feed(page).getByRole('article').filter({ hasText: 'It drips since Monday.' });
  await expect(entry).toContainText('Jane Doe');
  await expect(entry.getByRole('img', { name: 'IMG_0231.jpg' })).toBeVisible();
  await expect(entry.getByRole('link', { name: 'Download service-report.pdf' })).toBeVisible();
  await expect(card).toContainText('2 files received');

  await customer.getByRole('button', { name: 'Send more' }).click();
  await choose(customer, 'Take photo', [sample('IMG_0236.jpg')]);
  await customer.getByRole('button', { name: 'Send' }).click();
  await expect(sent(customer)).toBeVisible();
  await expect(card).toContainText('3 files received');

  const settings = await mara.open('/settings/file-requests');
  const row = settings.getByRole('row', { name: /Photos of the tap/ });
  await expect(row).toContainText('3 files received');
  await row.getByRole('button', { name: /^Revoke/ }).click();
  await settings.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(row).toContainText('Revoked');
  await expect(card).toContainText('Revoked');
});

test('the page works without a script, with a password', async ({ mara, visitor, console }) => {
  // The wrong password, and a link that was revoked.
  console.expect(/403|404|413/);
  const jane = await mara.contact('Jane', 'Doe');
  const terms = { channelId: jane.channelId, note: 'Photos', password: 'letmein', maxFiles: 2 };
  const { id, url } = await request(mara, terms);
  const page = await (await visitor({ ...PHONE, javaScriptEnabled: false })).open(url);
  await page.getByLabel('Password').fill('letmeout');
  await page.getByRole('button', { name: 'Open' }).click();
  await expect(page.getByRole('alert')).toHaveText(/Wrong password/);
  await page.getByLabel('Password').fill('letmein');
  await page.getByRole('button', { name: 'Open' }).click();
  const large = largePhoto('IMG_0231.jpg', 'large.jpg', 12_000_000);
  await page.getByLabel('Choose files').setInputFiles([asFile(large), asFile(sample('service-report.pdf'))]);
  await page.getByLabel('Message').fill('Without a script.');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(sent(page)).toBeVisible();
  await expect(page.getByText('2 files arrived.')).toBeVisible();
  const [message] = await mara.messages(jane.channelId);
  expect(message.attachments.map(({ fileName, fileSize }) => [fileName, fileSize])).toEqual([
    ['large.jpg', large.bytes.length],
    ['service-report.pdf', sample('service-report.pdf').bytes.length],
  ]);
  await page.getByRole('button', { name: 'Send more' }).click();
  await expect(page.getByText('received all the files it accepts')).toBeVisible();
  await mara.post(`/api/file-requests/${id}/revoke`);
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
});

test('an upload goes on after a cut line and a reload', async ({ behindLine: { mara, line }, visitor, console }) => {
  console.expect(/ERR_|Failed to load/);
  const jane = await mara.contact('Jane', 'Doe');
  const { url } = await request(mara, { channelId: jane.channelId });
  const page = await (await visitor()).open(url);
  const film = largePhoto('IMG_0231.jpg', 'large.jpg', 30_000_000);
  // The first part passes, the second is cut.
  line.cutPuts(9_000_000);
  await choose(page, 'Choose files', [film]);
  await page.getByLabel('Message').fill('The large one.');
  line.cutPuts(4_000_000);
  await expect.poll(() => line.cuts.length, { timeout: 30_000 }).toBeGreaterThan(0);
  await expect(rows(page).first()).toContainText(/Waiting|%/);
  await page.waitForTimeout(600);
  await page.reload();
  line.mend();
  await expect(page.getByLabel('Message')).toHaveValue('The large one.');
  await expect(rows(page).first()).toHaveAttribute('data-state', 'done', { timeout: 40_000 });
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(sent(page)).toBeVisible();
  const [message] = await mara.messages(jane.channelId);
  expect(message.attachments[0].fileSize).toBe(film.bytes.length);
  // Nothing is left for the next visit.
  await page.goto(url);
  await expect(rows(page)).toHaveCount(0);
});

test('a file that is not accepted says why, and others are dropped, canceled and sent', async ({ mara, visitor, console }) => {
  console.expect(/422/);
  const { id } = await mara.channel('partners');
  const { url } = await request(mara, { channelId: id, kinds: ['image'] });
  const page = await (await visitor()).open(url);
  await expect(page.getByText('images only')).toBeVisible();
  await drop(page.locator('body'), [sample('service-report.pdf'), sample('IMG_0231.jpg')]);
  const refused = rows(page).filter({ hasText: 'service-report.pdf' });
  await expect(refused).toContainText('accepts only images');
  await expect(refused.getByRole('button', { name: 'Retry' })).toBeVisible();
  await expect(rows(page).filter({ hasText: 'IMG_0231.jpg' })).toHaveAttribute('data-state', 'done');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Not sent yet' })).toBeVisible();
  await refused.getByRole('button', { name: 'Remove' }).click();
  // One that is on its way is canceled.
  await page.route('**/uploads', (route) => new Promise(() => void route), { times: 1 });
  await choose(page, 'Choose files', [sample('IMG_0236.jpg')]);
  await page.getByRole('button', { name: 'Cancel upload' }).click();
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(sent(page)).toBeVisible();
  const conversation = await mara.openConversation(id);
  await expect(feed(conversation).getByText('Someone with the link')).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the page is light and sound in ${colorScheme}`, async ({ mara, visitor }) => {
    const jane = await mara.contact('Jane', 'Doe');
    const { url } = await request(mara, { channelId: jane.channelId, note: 'Photos, please. '.repeat(20) });
    const person = await visitor({ ...PHONE, colorScheme });
    const page = await person.context.newPage();
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', SLOW_3G);
    let bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    const begun = Date.now();
    await page.goto(url);
    await expect(page.getByRole('button', { name: 'Choose files' })).toBeVisible();
    const seconds = (Date.now() - begun) / 1000;
    expect(bytes).toBeLessThan(60_000);
    expect(seconds).toBeLessThan(10);
    await isSound(page);
  });
}
