// Mentions: suggestions while typing, names that follow renames, and unread mentions.
import type { Page } from '@playwright/test';
import { feed, sendButton, textField } from './support/conversation';
import { takenOver } from './support/person';
import { expect, test } from './support/test';

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });

const suggestions = (page: Page) => page.getByRole('listbox', { name: 'People' });

test('a name is suggested, chosen by keyboard, and sent as a mention', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  await colleague('Nadia Osei');
  const theirs = await noor.open('/inbox');
  const page = await mara.openConversation(id);
  await textField(page).pressSequentially('Hello @n');
  await expect(suggestions(page).getByRole('option')).toHaveCount(2);
  await textField(page).pressSequentially('oo');
  await expect(suggestions(page).getByRole('option')).toHaveText([/Noor Haddad$/]);
  await page.keyboard.press('Enter');
  await expect(textField(page)).toHaveValue('Hello @Noor Haddad ');
  await expect(suggestions(page)).toHaveCount(0);
  await textField(page).pressSequentially('please look');
  await page.keyboard.press('Enter');
  await expect(feed(page).locator('.mention')).toHaveText('@Noor Haddad');
  await expect(feed(page).locator('.mention')).not.toHaveAttribute('data-own', /.*/);

  await expect(list(theirs).getByLabel('1 mention')).toBeVisible();
  await list(theirs).getByRole('link', { name: 'dispatch' }).click();
  await expect(feed(theirs).locator('.mention')).toHaveAttribute('data-own', '');
  await expect(list(theirs).getByLabel('1 mention')).toHaveCount(0);
});

test('Escape closes the suggestions, and a name that was not chosen is text', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  await colleague('Noor Haddad');
  const page = await mara.openConversation(id);
  await textField(page).pressSequentially('@noo');
  await expect(suggestions(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(suggestions(page)).toHaveCount(0);
  await textField(page).fill('@Noor Haddad');
  await sendButton(page).click();
  await expect(feed(page).getByText('@Noor Haddad')).toBeVisible();
  await expect(feed(page).locator('.mention')).toHaveCount(0);
});

test('Ctrl+Z takes a chosen name back', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  await colleague('Noor Haddad');
  const page = await mara.openConversation(id);
  await textField(page).pressSequentially('Hello ');
  await textField(page).pressSequentially('@noo');
  await expect(suggestions(page)).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(textField(page)).toHaveValue('Hello @Noor Haddad ');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(textField(page)).not.toHaveValue(/Haddad/);
  await expect(textField(page)).toHaveValue(/^Hello/);
});

test('only people who can view the conversation are suggested', async ({ mara, colleague }) => {
  const { id } = await mara.channel('board', true);
  await colleague('Noor Haddad');
  const page = await mara.openConversation(id);
  const answered = page.waitForResponse(/\/mentionable\?search=noor/);
  await textField(page).pressSequentially('@noor');
  await answered;
  await expect(suggestions(page)).toHaveCount(0);
});

test('a mention follows a rename, in the feed and while editing', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  await mara.say(id, `Thanks <@${noor.memberId}>`);
  const rename = await noor.context.request.patch('/api/auth/user', { data: { name: 'Noor Aziz' } });
  expect(rename.ok()).toBe(true);
  const page = await mara.openConversation(id);
  await expect(feed(page).locator('.mention')).toHaveText('@Noor Aziz');
  const message = feed(page).getByRole('article').filter({ hasText: 'Thanks' });
  await message.hover();
  await message.getByRole('button', { name: 'Edit the message' }).click();
  const field = page.getByRole('textbox', { name: 'Edit message' });
  await expect(field).toHaveValue('Thanks @Noor Aziz');
  await field.fill('Many thanks @Noor Aziz');
  await page.keyboard.press('Enter');
  await expect(feed(page).getByText('Many thanks')).toBeVisible();
  await expect(feed(page).locator('.mention')).toHaveText('@Noor Aziz');
});

test('a mention in a draft survives a reload', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  await colleague('Noor Haddad');
  const page = await mara.openConversation(id);
  await textField(page).pressSequentially('@noo');
  await suggestions(page).getByRole('option').click();
  await expect(textField(page)).toHaveValue('@Noor Haddad ');
  await page.waitForTimeout(1000);
  await page.reload();
  await takenOver(page);
  await expect(textField(page)).toHaveValue('@Noor Haddad ');
  await sendButton(page).click();
  await expect(feed(page).locator('.mention')).toHaveText('@Noor Haddad');
});
