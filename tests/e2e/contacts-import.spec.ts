// Contacts come from a CSV file and go to one; a contact is deleted with everything, and its data is saved.
import type { Page } from '@playwright/test';
import { seriousFaults } from './support/axe';
import { feed } from './support/conversation';
import { Downloads } from './support/downloads';
import { sample } from './support/files';
import { expect, test } from './support/test';
import { unzip } from './support/zip';

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });

async function choose(page: Page, name: string, text: string): Promise<void> {
  const dialog = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /^Choose/ }).click();
  await (await dialog).setFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await expect(page.getByRole('heading', { level: 2, name })).toBeVisible();
}

test('a file is previewed and imported', async ({ mara, colleague }) => {
  await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  const noor = await colleague('Noor Haddad');
  const others = await noor.open('/contacts');
  const page = await mara.open('/contacts');
  await page.getByRole('link', { name: 'Import contacts' }).click();
  await expect(page).toHaveURL(/\/contacts\/import$/);
  expect(await seriousFaults(page)).toEqual([]);
  const rows = ['First Name,Last Name,Phone 1 - Value,Labels', 'Janet,Doe,+15551234567,* friends', 'Eve,Moss,030 901820,', 'Joe,,call me,'];
  await choose(page, 'google.csv', rows.join('\n'));
  await expect(page.getByText('1 new, 1 changed, 0 without changes, 1 with errors')).toBeVisible();
  await expect(page.getByText("These columns aren't imported: Labels.")).toBeVisible();
  await expect(page.getByRole('list', { name: 'Rows with errors' })).toContainText('Line 4');
  const changed = page.getByRole('list', { name: 'Changed contacts' });
  await expect(changed).toContainText('Jane Doe');
  await expect(changed).toContainText('First name: Jane → Janet');
  await expect(page.getByRole('list', { name: 'New contacts' })).toContainText('Eve Moss');
  expect(await seriousFaults(page)).toEqual([]);

  await page.getByRole('button', { name: 'Import 2 of 3 rows' }).click();
  await expect(page.getByText('Import finished: 1 added, 1 changed.')).toBeVisible();
  await expect(others.getByRole('link', { name: 'Eve Moss', exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Show contacts' }).click();
  await expect(page.getByRole('link', { name: 'Janet Doe', exact: true })).toBeVisible();
});

test('a large file shows its progress, and reaches other pages', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const others = await noor.open('/contacts');
  const page = await mara.open('/contacts/import');
  const rows = Array.from({ length: 1500 }, (_, number) => `Person ${String(number).padStart(4, '0')},${5_550_000 + number}`);
  await choose(page, 'many.csv', ['First name,Phone', ...rows].join('\n'));
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/api/contacts/import')) {
      sent.push(request.url());
    }
  });
  await page.getByRole('button', { name: 'Import 1500 rows' }).click();
  await expect(page.getByRole('progressbar', { name: 'Importing contacts' })).toBeVisible();
  await expect(page.getByText('Import finished: 1500 added, 0 changed.')).toBeVisible({ timeout: 60_000 });
  expect(sent).toHaveLength(8);
  await expect(others.getByRole('link', { name: 'Person 0000', exact: true })).toBeVisible();
  await choose(page, 'many.csv', ['First name,Phone', ...rows].join('\n'));
  await expect(page.getByText('There is nothing to import.')).toBeVisible();
});

test('an import continues after a lost connection', async ({ mara, console }) => {
  console.expect(/Failed to load resource|net::ERR_FAILED/);
  const page = await mara.open('/contacts/import');
  const rows = Array.from({ length: 400 }, (_, number) => `Person ${number},${5_550_000 + number}`);
  await choose(page, 'many.csv', ['First name,Phone', ...rows].join('\n'));
  let count = 0;
  await page.route('**/api/contacts/import', async (route) => {
    count += 1;
    if (count === 2) {
      // The server has done it, and the answer is lost.
      await route.fetch();
      await route.abort();
    } else {
      await route.continue();
    }
  });
  await page.getByRole('button', { name: 'Import 400 rows' }).click();
  await expect(page.getByRole('alert')).toContainText('did not respond');
  await page.getByRole('button', { name: 'Continue import' }).click();
  await expect(page.getByText(/^Import finished/)).toBeVisible();
  const found = await mara.get<unknown[]>('/api/contacts?search=person%20399');
  expect(found).toHaveLength(1);
});

test('a file without contacts is rejected with a reason', async ({ mara, console }) => {
  console.expect(/status of 422/);
  const page = await mara.open('/contacts/import');
  const dialog = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose CSV file' }).click();
  await (await dialog).setFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') });
  await expect(page.getByRole('alert')).toContainText('No column has a known name.');
  await choose(page, 'b.csv', 'First name\nJane\n');
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('exported contacts can be imported', async ({ mara }, info) => {
  await mara.contact('Jane', "O'Hara; =1", '+1 (555) 123-4567');
  const page = await mara.open('/contacts');
  const downloads = await Downloads.of(page, info.outputPath('saved'));
  const saved = await downloads.take(() => page.getByRole('link', { name: 'Export contacts' }).click());
  expect(saved.name).toBe('contacts.csv');
  await page.getByRole('link', { name: 'Import contacts' }).click();
  await choose(page, 'contacts.csv', saved.bytes.toString());
  await expect(page.getByText('0 new, 0 changed, 1 without changes, 0 with errors')).toBeVisible();
});

test('a contact is deleted by its name, and leaves every page', async ({ console, mara, colleague }) => {
  // What a page was loading of the contact at that moment.
  console.expect(/status of 404/);
  const jane = await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  await mara.say(jane.channelId, 'Hello Jane');
  const noor = await colleague('Noor Haddad');
  const others = await noor.openConversation(jane.channelId);
  await expect(others.getByRole('button', { name: 'More for Jane Doe' }), 'a member can export').toBeVisible();
  const page = await mara.openConversation(jane.channelId);
  await expect(feed(page).getByText('Hello Jane')).toBeVisible();
  await page.getByRole('button', { name: 'More for Jane Doe' }).click();
  await page.getByRole('group', { name: 'More for Jane Doe' }).getByRole('button', { name: 'Delete contact' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete Jane Doe?' });
  const confirm = dialog.getByRole('button', { name: 'Delete contact' });
  await expect(confirm).toBeDisabled();
  await dialog.getByLabel('Type “Jane Doe” to confirm').fill('Jane');
  await expect(confirm).toBeDisabled();
  await dialog.getByLabel('Type “Jane Doe” to confirm').fill('jane doe');
  expect(await seriousFaults(page)).toEqual([]);
  await confirm.click();
  await expect(page).toHaveURL(/\/inbox$/);
  await expect(page.getByText('Jane Doe was deleted.')).toBeVisible();
  await expect(list(page).getByRole('link', { name: /Jane Doe/ })).toHaveCount(0);
  await expect(others.getByRole('heading', { name: 'This contact was deleted' })).toBeVisible();
  await expect(list(others).getByRole('link', { name: /Jane Doe/ })).toHaveCount(0);
});

test("a contact's data is saved as a zip", async ({ mara }, info) => {
  const jane = await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  const file = await mara.upload(jane.channelId, sample('IMG_0231.jpg'));
  await mara.say(jane.channelId, 'A photo', [file]);
  const page = await mara.openConversation(jane.channelId);
  const downloads = await Downloads.of(page, info.outputPath('saved'));
  await page.getByRole('button', { name: 'More for Jane Doe' }).click();
  const saved = await downloads.take(() => page.getByRole('link', { name: 'Export all data' }).click());
  expect(saved.name).toBe('Jane Doe data.zip');
  const entries = unzip(saved.bytes);
  expect([...entries.keys()].sort()).toEqual(['contact.json', 'files/Jane_15551234567_IMG_0231.jpg', 'messages.json']);
  const messages = JSON.parse(entries.get('messages.json')!.toString());
  expect(messages[0].attachments[0].path).toBe('files/Jane_15551234567_IMG_0231.jpg');
});
