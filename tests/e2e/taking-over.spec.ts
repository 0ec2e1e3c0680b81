// What people do to a page before the browser's code has taken it over is heard afterward.
import type { Page } from '@playwright/test';
import { chips, feed, sendButton, textField } from './support/conversation';
import { sample, typeOf } from './support/files';
import { holdCode } from './support/network';
import { expect, test } from './support/test';
import { PASSWORD } from './support/person';

const file = (source: string) => {
  const { name, bytes } = sample(source);
  return { name, mimeType: typeOf({ name }), buffer: bytes };
};

/** Opens a page as far as it comes without the browser's code. */
async function openEarly(page: Page, path: string): Promise<() => void> {
  const release = await holdCode(page);
  await page.goto(path, { waitUntil: 'domcontentloaded' });
  return release;
}

test('a message that was typed and a file that was picked are sent', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.context.newPage();
  const release = await openEarly(page, `/inbox/${id}`);
  await textField(page).fill('Typed early');
  await page.locator('#composer-files').setInputFiles(file('IMG_0231.jpg'));
  await expect(sendButton(page)).toBeDisabled();
  release();
  await expect(chips(page)).toHaveCount(1);
  await expect(textField(page)).toHaveValue('Typed early');
  await sendButton(page).click();
  await expect(feed(page).getByText('Typed early')).toBeVisible();
  await expect(feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' })).toBeVisible();
});

test('new messages are announced while scrolled up', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  for (let number = 1; number <= 40; number += 1) {
    await mara.say(id, `Stop ${number}`);
  }
  const noor = await colleague('Noor Haddad');
  const page = await noor.context.newPage();
  const release = await openEarly(page, `/inbox/${id}`);
  await feed(page).evaluate((element) => element.scrollTo(0, -600));
  release();
  await expect(page.getByRole('button', { name: 'Attach files' })).toBeEnabled();
  await mara.say(id, 'One more stop');
  await expect(page.locator('[data-component=NewMessagesPill]')).toHaveText('1 new message');
});

test('a search before hydration finds its text', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, '', ['IMG_0231.jpg', 'service-report.pdf'].map((name) => sample(name)));
  const page = await mara.context.newPage();
  const release = await openEarly(page, '/files');
  await page.getByRole('searchbox').fill('report');
  release();
  await expect(page).toHaveURL(/search=report/);
  await expect(page.locator('[data-component=FileCard]')).toHaveCount(1);
});

test('a search that was emptied shows all', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, '', ['IMG_0231.jpg', 'service-report.pdf'].map((name) => sample(name)));
  const page = await mara.context.newPage();
  const release = await openEarly(page, '/files?search=report');
  await page.getByRole('searchbox').fill('');
  release();
  await expect(page.locator('[data-component=FileCard]')).toHaveCount(2);
});

test('a button clicked before hydration acts once', async ({ mara }) => {
  const page = await mara.context.newPage();
  const release = await openEarly(page, '/inbox');
  const button = page.getByRole('button', { name: 'Search all conversations' });
  await button.click();
  await button.click();
  release();
  await expect(page.getByRole('searchbox', { name: 'Name, phone or words' })).toBeFocused();
  await button.click();
  await expect(page.getByRole('searchbox')).toHaveCount(0);
});

test('the log-in uses text typed before hydration', async ({ mara, visitor }) => {
  const someone = await visitor();
  const page = await someone.context.newPage();
  const release = await openEarly(page, '/log-in');
  await page.getByLabel('Email').fill(mara.email);
  await page.getByLabel('Password').fill(PASSWORD);
  release();
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page).toHaveURL(/\/inbox/);
});

test('a phone number that was typed is saved', async ({ mara }) => {
  const page = await mara.context.newPage();
  const release = await openEarly(page, '/contacts/new');
  await page.getByLabel('First name').fill('Jane');
  await page.getByRole('textbox', { name: 'Phone 1' }).fill('+1 (555) 123-4567');
  release();
  await page.getByRole('button', { name: 'Add contact' }).click();
  await expect(page.getByText(/555.*123.*4567/).first()).toBeVisible();
});

test('a picked picture opens the crop dialog', async ({ mara }) => {
  const page = await mara.context.newPage();
  const release = await openEarly(page, '/settings/profile');
  await page.locator('input[type=file]').setInputFiles(file('IMG_0231.jpg'));
  release();
  await expect(page.getByRole('dialog')).toBeVisible();
});
