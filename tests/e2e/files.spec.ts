// All sent files: found, looked through, taken along.
import type { Locator, Page } from '@playwright/test';
import { feed } from './support/conversation';
import { Downloads } from './support/downloads';
import { sample } from './support/files';
import type { Person } from './support/person';
import { expect, test } from './support/test';
import { unzip } from './support/zip';

const cards = (page: Page): Locator => page.locator('[data-component=FileCard]');
const card = (page: Page, name: string): Locator => page.getByRole('listitem', { name, exact: true });
const names = (page: Page): Promise<string[]> =>
  cards(page).evaluateAll((found) => found.map((element) => element.getAttribute('aria-label')!));

async function openFiles(person: Person, path = '/files'): Promise<Page> {
  const page = await person.open(path);
  await expect(page.getByRole('radio', { name: 'Grid' })).toBeEnabled();
  return page;
}

const filter = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: 'Filters' }).getByRole('button', { name });

/** Jane's conversation with pictures and a PDF, and a channel with a picture. */
async function someFiles(mara: Person): Promise<{ jane: string; team: string; kitchen: string }> {
  const { channelId: jane } = await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  const { id: team } = await mara.channel('repairs');
  const kitchen = await mara.sayWith(jane, 'The kitchen', [sample('IMG_0231.jpg'), sample('IMG_0236.jpg')]);
  await mara.sayWith(jane, '', [sample('service-report.pdf')]);
  await mara.sayWith(team, 'On the roof', [sample('IMG_0237.jpg', 'Крыша.jpg')]);
  return { jane, team, kitchen: kitchen.id };
}

const ALL = ['Крыша.jpg', 'service-report.pdf', 'IMG_0231.jpg', 'IMG_0236.jpg'];

test('the rail opens all files; filters narrow them, are in the URL, and Back undoes them', async ({ mara }) => {
  await someFiles(mara);
  const page = await mara.open('/inbox');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Files' }).click();
  await expect(cards(page)).toHaveCount(4);
  expect(await names(page)).toEqual(ALL);
  await expect(page.getByText(/^4 files, /)).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Today' })).toHaveText('Today4 files');

  await filter(page, 'Type').click();
  await page.getByRole('checkbox', { name: 'Images' }).check();
  await expect(cards(page)).toHaveCount(3);
  await expect(page).toHaveURL('/files?kinds=image');
  await page.keyboard.press('Escape');
  await filter(page, 'In all conversations').click();
  await page.getByRole('radio', { name: 'Jane Doe' }).check();
  await expect(cards(page)).toHaveCount(2);
  await expect(page).toHaveURL(/\/files\?kinds=image&in=/);
  const shared = page.url();
  await page.keyboard.press('Escape');
  await page.goBack();
  await expect(cards(page)).toHaveCount(3);
  await page.goBack();
  await expect(cards(page)).toHaveCount(4);

  const other = await mara.open(shared);
  await expect(cards(other)).toHaveCount(2);
  await expect(filter(other, 'In Jane Doe')).toBeVisible();
  await other.getByRole('link', { name: 'Reset' }).click();
  await expect(cards(other)).toHaveCount(4);
});

test('a day, a sender and the order can be chosen', async ({ mara }) => {
  await someFiles(mara);
  const page = await openFiles(mara);
  await filter(page, 'Date').click();
  await page.getByRole('radio', { name: 'Today' }).check();
  await expect(page).toHaveURL(/since=\d{4}-\d\d-\d\d$/);
  await expect(cards(page)).toHaveCount(4);
  await page.getByLabel('To', { exact: true }).fill('2020-01-01');
  await expect(page.getByText('No files found')).toBeVisible();
  await page.getByRole('link', { name: 'Show all files' }).click();
  await expect(cards(page)).toHaveCount(4);
  await filter(page, 'From').click();
  await page.getByRole('radio', { name: 'Contacts' }).check();
  await expect(page.getByText('No files found')).toBeVisible();
  await page.getByRole('radio', { name: 'Mara Ellis' }).check();
  await expect(cards(page)).toHaveCount(4);
  await page.keyboard.press('Escape');
  await filter(page, 'Sort').click();
  await page.getByRole('radio', { name: 'Oldest first' }).check();
  await expect.poll(() => names(page)).toEqual(['IMG_0231.jpg', 'IMG_0236.jpg', 'service-report.pdf', 'Крыша.jpg']);
});

test('the search finds names in any script and the words of messages', async ({ mara }) => {
  await someFiles(mara);
  const page = await openFiles(mara);
  const search = page.getByRole('searchbox');
  await search.fill('крыша');
  await expect.poll(() => names(page)).toEqual(['Крыша.jpg']);
  await expect(page).toHaveURL(/search=/);
  await search.fill('the KITCHEN');
  await expect.poll(() => names(page)).toEqual(['IMG_0231.jpg', 'IMG_0236.jpg']);
  await search.fill('100%');
  await expect(page.getByText('No files found')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('searchbox')).toHaveValue('100%');
});

test('the lightbox steps through all matching pictures, over the pages', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  for (let number = 1; number <= 7; number += 1) {
    await mara.sayWith(id, '', Array.from({ length: 10 }, (_, place) => sample('IMG_0231.jpg', `${number}-${place}.jpg`)));
  }
  const page = await openFiles(mara);
  await expect(card(page, '7-0.jpg')).toBeVisible();
  await card(page, '7-0.jpg').getByRole('link', { name: 'Open 7-0.jpg' }).click();
  const dialog = page.getByRole('dialog', { name: /image \d+ of/ });
  await expect(dialog).toHaveAccessibleName(/^7-0\.jpg, image 1 of/);
  await page.keyboard.press('End');
  await expect(dialog).toHaveAccessibleName(/ of 70$/);
  await page.keyboard.press('End');
  await expect(dialog).toHaveAccessibleName('1-9.jpg, image 70 of 70');
  await page.keyboard.press('Escape');
  await expect(cards(page)).toHaveCount(70);
});

test('the lightbox shows documents, videos and texts in order with the pictures', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const video = { ...sample('VID_0042.mp4'), type: 'video/mp4' };
  const note = { name: 'note.txt', bytes: Buffer.from('Ring twice <b>please</b>'), type: 'text/plain' };
  const zip = { name: 'plans.zip', bytes: Buffer.from('PK\x05\x06' + '\0'.repeat(18), 'latin1'), type: 'application/zip' };
  await mara.sayWith(id, 'All', [sample('IMG_0231.jpg'), sample('service-report.pdf'), video, note, zip]);
  type Listed = { files: { preview?: { state: string } }[] };
  const pending = async () => (await mara.get<Listed>('/api/files')).files.filter(({ preview }) => preview?.state === 'pending').length;
  await expect.poll(pending, { timeout: 30_000 }).toBe(0);
  const page = await openFiles(mara);
  await card(page, 'note.txt').getByRole('link', { name: /^Open note\.txt/ }).click();
  const dialog = page.getByRole('dialog');
  const stage = dialog.locator('[data-component=LightboxStage]');
  await expect(dialog).toHaveAccessibleName('note.txt, file 4 of 4');
  await expect(stage.getByText('Ring twice <b>please</b>')).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await expect(dialog).toHaveAccessibleName('VID_0042.mp4, file 3 of 4');
  await expect(stage.locator('video')).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await expect(dialog).toHaveAccessibleName('service-report.pdf, file 2 of 4');
  await expect(stage.getByRole('img', { name: /^Page 1 of/ })).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await expect(dialog).toHaveAccessibleName('IMG_0231.jpg, image 1 of 4');
  await page.keyboard.press('Escape');

  // Over the filtered set: documents alone.
  await page.goto('/files?kinds=document');
  await expect(page.getByRole('radio', { name: 'Grid' })).toBeEnabled();
  await card(page, 'service-report.pdf').getByRole('link', { name: /^Open service-report/ }).click();
  await expect(dialog).toHaveAccessibleName('service-report.pdf, file 1 of 2');
  await page.keyboard.press('End');
  await expect(dialog).toHaveAccessibleName('note.txt, file 2 of 2');
});

test('a file is shared and deleted from the lightbox of the files page', async ({ mara, colleague, console }) => {
  console.expect(/status of 404/);
  await someFiles(mara);
  const page = await openFiles(mara);
  await card(page, 'IMG_0231.jpg').getByRole('link', { name: /^Open IMG_0231/ }).click();
  const lightbox = page.getByRole('dialog').first();
  await lightbox.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(page.getByRole('dialog').last()).toHaveAccessibleName(/Share/);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(1);
  await lightbox.getByRole('button', { name: 'Delete', exact: true }).click();
  const question = page.getByRole('dialog', { name: 'Delete IMG_0231.jpg?' });
  await question.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect.poll(() => names(page)).toEqual(ALL.filter((name) => name !== 'IMG_0231.jpg'));
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => names(page)).toEqual(ALL);

  // Of others' files only an admin deletes.
  const other = await openFiles(await colleague('Tom Okafor'));
  await card(other, 'IMG_0231.jpg').getByRole('link', { name: /^Open IMG_0231/ }).click();
  await expect(other.getByRole('dialog').getByRole('button', { name: 'Share', exact: true })).toBeVisible();
  await expect(other.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true })).toHaveCount(0);
});

test('a file that is sent again is in the files of each conversation', async ({ mara }) => {
  const [first, second] = [await mara.channel('dispatch'), await mara.channel('office')];
  const { attachments } = await mara.sayWith(first.id, 'the siphon', [sample('IMG_0231.jpg')]);
  const { secret } = await mara.post<{ secret: string }>('/api/access-tokens', { name: 'forwarder', scopes: ['messages:write'] });
  const sent = await mara.context.request.post('/api/v1/messages', {
    headers: { authorization: `Bearer ${secret}` },
    data: { bucketId: second.id, body: 'a drill', attachmentUuids: [attachments[0]!.id] },
  });
  expect(sent.status(), await sent.text()).toBe(201);
  const page = await mara.open(`/files?in=${second.id}`);
  await expect(cards(page)).toHaveCount(1);
  await card(page, 'IMG_0231.jpg').getByRole('link', { name: '#office' }).first().click();
  await expect(page).toHaveURL(new RegExp(`/inbox/${second.id}`));
  await page.goto('/files?search=drill');
  await expect(page.getByText('No files found')).toBeVisible();
  await page.goto(`/files?in=${second.id}&search=drill`);
  await expect(cards(page)).toHaveCount(1);
  await page.goto('/files');
  await expect(cards(page)).toHaveCount(1);
  await expect(card(page, 'IMG_0231.jpg').getByRole('link', { name: '#dispatch' }).first()).toBeVisible();
});

test('scrolling loads the next page', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  for (let number = 1; number <= 8; number += 1) {
    await mara.sayWith(id, '', Array.from({ length: 10 }, (_, place) => ({ name: `${number}-${place}.txt`, bytes: Buffer.from('x') })));
  }
  const page = await openFiles(mara);
  await expect(cards(page)).toHaveCount(60);
  await card(page, '3-9.txt').scrollIntoViewIfNeeded();
  await expect(cards(page)).toHaveCount(80);
  expect((await names(page)).at(-1)).toBe('1-9.txt');
});

test('a file links to its message', async ({ mara }) => {
  const { jane, kitchen } = await someFiles(mara);
  for (let number = 1; number <= 320; number += 1) {
    await mara.say(jane, `Line ${number}`);
  }
  const page = await openFiles(mara);
  await card(page, 'IMG_0231.jpg').getByRole('link', { name: 'Jane Doe' }).first().click();
  await expect(page).toHaveURL(`/inbox/${jane}?message=${kitchen}`);
  const entry = feed(page).getByRole('article').filter({ hasText: 'The kitchen' });
  await expect(entry).toBeInViewport();
  await expect(entry).toBeFocused();
  await expect(entry).toHaveAttribute('data-pointed-out');
  await expect(feed(page).getByText('Line 320', { exact: true })).toHaveCount(0);

  // The newest are a click away, and what is written is seen.
  await page.getByRole('button', { name: 'Newest messages' }).click();
  await expect(feed(page).getByText('Line 320', { exact: true })).toBeInViewport();
  await page.goBack();
  await expect(cards(page)).toHaveCount(4);
});

test('the feed scrolls from a message in the middle to the newest', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const sent = [];
  for (let number = 1; number <= 120; number += 1) {
    sent.push(await mara.say(id, `Stop ${number}`));
  }
  const page = await mara.openConversation(`${id}?message=${sent[59]!.id}`);
  await expect(feed(page).getByText('Stop 60', { exact: true })).toBeInViewport();
  await feed(page).hover();
  await expect(async () => {
    await page.mouse.wheel(0, 2000);
    await expect(feed(page).getByText('Stop 120', { exact: true })).toBeInViewport({ timeout: 100 });
  }).toPass();
  const shown = await feed(page).getByRole('article').allTextContents();
  expect(shown.filter((text) => /Stop \d+$/.test(text)).length).toBe(shown.length);
});

test('files are chosen by click, range and keys, and saved as one zip', async ({ mara }, info) => {
  await someFiles(mara);
  const page = await openFiles(mara);
  const downloads = await Downloads.of(page, info.outputPath('downloads'));
  await card(page, 'service-report.pdf').getByRole('checkbox').check();
  await card(page, 'IMG_0236.jpg').getByRole('checkbox').click({ modifiers: ['Shift'] });
  const bar = page.getByRole('toolbar', { name: '3 files selected' });
  await expect(bar).toBeVisible();
  const { name, bytes } = await downloads.take(() => bar.getByRole('button', { name: 'Download zip' }).click());
  expect(name).toBe('Jane Doe files.zip');
  const entries = unzip(bytes);
  const prefix = 'Jane_15551234567_';
  expect([...entries.keys()]).toEqual([`${prefix}service-report.pdf`, `${prefix}IMG_0231.jpg`, `${prefix}IMG_0236.jpg`]);
  expect(entries.get(`${prefix}IMG_0236.jpg`)!.equals(sample('IMG_0236.jpg').bytes)).toBe(true);

  await page.keyboard.press('Escape');
  await expect(bar).toHaveCount(0);
  await card(page, 'Крыша.jpg').focus();
  await page.keyboard.press('Space');
  await expect(page.getByRole('toolbar', { name: '1 file selected' })).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(card(page, 'service-report.pdf')).toBeFocused();
  await page.keyboard.press('Control+a');
  await expect(page.getByRole('toolbar', { name: '4 files selected' })).toBeVisible();
  const all = await downloads.take(() => page.getByRole('button', { name: 'Download zip' }).click());
  expect(all.name).toBe('Harbour Lane files.zip');
  expect([...unzip(all.bytes).keys()]).toEqual(['Крыша.jpg', `${prefix}service-report.pdf`, `${prefix}IMG_0231.jpg`, `${prefix}IMG_0236.jpg`]);
});

test('selected files are deleted after a confirmation with their names, and Undo restores them', async ({ mara, colleague }) => {
  await someFiles(mara);
  const page = await openFiles(mara);
  await card(page, 'IMG_0231.jpg').getByRole('checkbox').check();
  await card(page, 'Крыша.jpg').getByRole('checkbox').check();
  await page.getByRole('toolbar', { name: '2 files selected' }).getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete 2 files?' });
  await expect(dialog.getByRole('listitem')).toHaveText([/Крыша\.jpg/, /IMG_0231\.jpg/]);
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => names(page)).toEqual(['service-report.pdf', 'IMG_0236.jpg']);
  await expect(page.getByRole('toolbar', { name: /selected/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => names(page)).toEqual(ALL);

  const tom = await colleague('Tom Okafor');
  const other = await openFiles(tom);
  await card(other, 'IMG_0231.jpg').getByRole('checkbox').check();
  await expect(other.getByRole('toolbar', { name: '1 file selected' })).toBeVisible();
  await expect(other.getByRole('button', { name: 'Delete' })).toHaveCount(0);
});

test('a rejected zip is reported on the page', async ({ mara, console }) => {
  console.expect(/401/);
  await someFiles(mara);
  const page = await openFiles(mara);
  await card(page, 'service-report.pdf').getByRole('checkbox').check();
  await mara.context.clearCookies();
  await page.getByRole('button', { name: 'Download zip' }).click();
  await expect(page.getByText("The zip couldn't be created.")).toBeVisible();
  await expect(card(page, 'service-report.pdf')).toBeVisible();
});

test('a message and a conversation are saved as a zip', async ({ mara }, info) => {
  const { jane } = await someFiles(mara);
  const page = await mara.openConversation(jane);
  const downloads = await Downloads.of(page, info.outputPath('downloads'));
  const link = feed(page).getByRole('link', { name: 'Download zip' });
  await expect(link).toHaveCount(1);
  const message = await downloads.take(() => link.click());
  expect([...unzip(message.bytes).keys()]).toEqual(['Jane_15551234567_IMG_0231.jpg', 'Jane_15551234567_IMG_0236.jpg']);

  await page.getByRole('link', { name: 'All files of Jane Doe' }).click();
  await expect(cards(page)).toHaveCount(3);
  const others = await Downloads.of(page, info.outputPath('others'));
  const all = await others.take(() => page.getByRole('link', { name: 'Download all as zip' }).click());
  expect(all.name).toBe('Jane Doe files.zip');
  expect(unzip(all.bytes).size).toBe(3);
});

test('rows have more details than the grid, and new files appear', async ({ mara }) => {
  const { team } = await someFiles(mara);
  const page = await openFiles(mara);
  await page.getByRole('radio', { name: 'List' }).check();
  await expect(page).toHaveURL('/files?view=list');
  await expect(card(page, 'Крыша.jpg').getByText('#repairs').filter({ visible: true })).toBeVisible();
  await expect(card(page, 'Крыша.jpg').getByText('Mara Ellis')).toBeVisible();
  await mara.sayWith(team, '', [sample('IMG_0231.jpg', 'new.jpg')]);
  await expect(cards(page)).toHaveCount(5);
  expect((await names(page))[0]).toBe('new.jpg');
  await page.getByRole('checkbox', { name: 'Select all' }).check();
  await expect(page.getByRole('toolbar', { name: '5 files selected' })).toBeVisible();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test('there are two columns, a search behind its icon, and the bar above the tabs', async ({ mara }) => {
    await someFiles(mara);
    const page = await openFiles(mara);
    const boxes = await Promise.all(ALL.slice(0, 3).map((name) => card(page, name).boundingBox()));
    expect(boxes[0]!.y).toBe(boxes[1]!.y);
    expect(boxes[2]!.y).toBeGreaterThan(boxes[0]!.y);
    await expect(page.getByRole('searchbox')).toBeHidden();
    await page.getByRole('button', { name: 'Search files' }).tap();
    await expect(page.getByRole('searchbox')).toBeFocused();
    await card(page, 'Крыша.jpg').getByRole('checkbox').tap();
    const bar = await page.getByRole('toolbar', { name: '1 file selected' }).boundingBox();
    const tabs = await page.getByRole('navigation', { name: 'Main' }).boundingBox();
    expect(bar!.y + bar!.height).toBeLessThanOrEqual(tabs!.y);
    await filter(page, 'Type').tap();
    const menu = await page.getByRole('group', { name: 'Types' }).boundingBox();
    expect(menu!.x).toBeGreaterThanOrEqual(0);
    expect(menu!.x + menu!.width).toBeLessThanOrEqual(360);
  });
});
