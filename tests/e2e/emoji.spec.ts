// Emoji in messages: from the picker, by their names, and as reactions; a hand on the keyboard is enough for all of it.
import type { Locator, Page } from '@playwright/test';
import { feed, send, sendButton, textField } from './support/conversation';
import type { Person } from './support/person';
import { expect, test } from './support/test';

/** A square of one color, as a PNG. */
const red = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC',
  'base64',
);

/** Adds an emoji past the page; answers its id. */
async function add(person: Person, name: string): Promise<string> {
  type Presigned = { uploadUrl: string; headers: Record<string, string>; resourceId: string };
  const presigned = await person.post<Presigned>('/api/uploads/presign', {
    type: 'custom-emoji',
    name,
    fileSize: red.length,
    contentType: 'image/png',
  });
  const put = await fetch(presigned.uploadUrl, { method: 'PUT', headers: presigned.headers, body: new Uint8Array(red) });
  expect(put.ok, await put.text()).toBe(true);
  await person.post(`/api/pictures/${presigned.resourceId}/complete`);
  return presigned.resourceId;
}

const picker = (page: Page, name = 'Emoji'): Locator => page.getByRole('dialog', { name });
const search = (page: Page): Locator => page.getByRole('combobox', { name: 'Search emoji' });
const suggestions = (page: Page): Locator => page.getByRole('listbox', { name: 'Emoji' }).getByRole('option');
const entry = (page: Page, text: string): Locator => feed(page).getByRole('article').filter({ hasText: text });
const reactions = (of: Locator): Locator => of.getByRole('list', { name: 'Reactions' });

async function react(page: Page, message: Locator, name: string): Promise<void> {
  await message.hover();
  await message.getByRole('toolbar', { name: 'Actions' }).getByRole('button', { name: 'Add reaction' }).click();
  await search(page).fill(name);
  await page.getByRole('option', { name, exact: true }).click();
}

test('a picked emoji is inserted at the caret', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const asked: string[] = [];
  const page = await mara.openConversation(id);
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await textField(page).fill('Well done!');
  await page.keyboard.press('ArrowLeft');
  expect(asked).not.toContain('/api/emoji/unicode');
  await page.getByRole('button', { name: 'Emoji' }).click();
  await expect(search(page)).toBeFocused();
  const groups = picker(page).getByRole('toolbar', { name: 'Groups' });
  await groups.getByRole('button', { name: 'Food' }).click();
  await expect(groups.getByRole('button', { name: 'Food' })).toHaveAttribute('aria-pressed', 'true');
  await picker(page).getByRole('option', { name: 'hot pepper' }).click();
  await expect(picker(page)).toBeHidden();
  await expect(textField(page)).toBeFocused();
  await expect(textField(page)).toHaveValue('Well done🌶️!');
  await page.keyboard.type(' Hot');
  await expect(textField(page)).toHaveValue('Well done🌶️ Hot!');
  await sendButton(page).click();
  await expect(feed(page).getByText('Well done🌶️ Hot!')).toBeVisible();

  // The list was fetched once, and what was chosen comes first the next time.
  await page.getByRole('button', { name: 'Emoji' }).click();
  await expect(groups.getByRole('button', { name: 'Recent' })).toHaveAttribute('aria-pressed', 'true');
  await expect(picker(page).getByRole('option')).toHaveCount(1);
  expect(asked.filter((path) => path === '/api/emoji/unicode')).toHaveLength(1);
});

test('a skin tone is chosen once, and kept by the browser for all emoji of people', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await textField(page).fill('Hi ');
  await page.getByRole('button', { name: 'Emoji' }).click();
  await page.getByRole('button', { name: 'Skin tone: No skin tone' }).click();
  const tones = page.getByRole('radiogroup', { name: 'Skin tone' });
  await expect(tones.getByRole('radio')).toHaveCount(6);
  await tones.getByRole('radio', { name: 'No skin tone' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(tones.getByRole('radio', { name: 'Light', exact: true })).toBeChecked();
  await tones.getByTitle('Medium', { exact: true }).click();
  await expect(page.getByRole('button', { name: 'Skin tone: Medium', exact: true })).toBeVisible();
  await search(page).fill('waving hand');
  await picker(page).getByRole('option', { name: 'waving hand' }).click();
  await expect(textField(page)).toHaveValue('Hi 👋🏽');
  await sendButton(page).click();
  await expect(feed(page).getByText('Hi 👋🏽')).toBeVisible();

  // Also after a reload, in reactions and by name; what has no skin stays as it is.
  await page.reload();
  await react(page, entry(page, 'Hi'), 'thumbs up');
  await expect(reactions(entry(page, 'Hi')).getByRole('button', { name: /👍🏽/ })).toBeVisible();
  await textField(page).fill('');
  await textField(page).pressSequentially(':wave: :tada:');
  await expect(textField(page)).toHaveValue('👋🏽 🎉');
  await page.getByRole('button', { name: 'Emoji' }).click();
  await expect(picker(page).getByRole('option', { name: 'waving hand' })).toHaveText('👋🏽');
});

test('an emoji is searched, chosen and removed by keyboard', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await add(mara, 'party_square');
  const page = await mara.openConversation(id);
  await textField(page).focus();
  const button = page.getByRole('button', { name: 'Emoji' });
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  const chosen = picker(page).getByRole('option', { selected: true });
  await expect(chosen).toHaveAccessibleName('grinning face');
  await page.keyboard.press('ArrowDown');
  await expect(chosen).toHaveAccessibleName('slightly smiling face');
  await page.keyboard.type('party');
  await expect(chosen).toHaveAccessibleName(':party_square:');
  await expect(picker(page).getByRole('option').nth(1)).toHaveAccessibleName('party popper');
  await page.keyboard.press('ArrowRight');
  await expect(chosen).toHaveAccessibleName('party popper');
  await expect(search(page)).toHaveAttribute('aria-activedescendant', (await chosen.getAttribute('id'))!);
  await page.keyboard.press('Enter');
  await expect(textField(page)).toHaveValue('🎉');
  await expect(textField(page)).toBeFocused();

  await button.click();
  await search(page).fill('no such thing');
  await expect(picker(page).getByRole('status')).toHaveText('No matching emoji.');
  await page.keyboard.press('Escape');
  await expect(picker(page)).toBeHidden();
  await expect(textField(page)).toBeFocused();
  await button.click();
  await page.mouse.click(20, 20);
  await expect(picker(page)).toBeHidden();
});

test("if emoji can't be loaded, the picker says so and retries", async ({ mara, console }) => {
  console.expect(/ERR_FAILED/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await page.route('**/api/emoji/unicode', (route) => route.abort());
  await page.getByRole('button', { name: 'Emoji' }).click();
  await expect(picker(page).getByRole('status')).toContainText('did not respond');
  await page.unroute('**/api/emoji/unicode');
  await picker(page).getByRole('button', { name: 'Try again' }).click();
  await expect(picker(page).getByRole('option', { name: 'grinning face', exact: true })).toBeVisible();
});

test('a name after a colon is completed, and a complete one becomes its character', async ({ mara, colleague }) => {
  await add(mara, 'tadaa_square');
  const noor = await colleague('Noor Haddad');
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const noors = await noor.openConversation(id);
  const field = textField(page);
  await field.pressSequentially('We ship :tada');
  await expect(suggestions(page).first()).toContainText(':tada:');
  await expect(suggestions(page).first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(field).toHaveAttribute('aria-activedescendant', 'suggestion-1');
  await page.keyboard.press('Enter');
  await expect(field).toHaveValue('We ship :tadaa_square: ');
  await expect(suggestions(page)).toHaveCount(0);
  await field.pressSequentially('and :tada:');
  await expect(field).toHaveValue('We ship :tadaa_square: and 🎉');
  await field.pressSequentially(' at 10:30:20 :smi');
  await expect(suggestions(page).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(suggestions(page)).toHaveCount(0);
  await page.keyboard.press('Enter');
  const told = entry(noors, 'We ship');
  await expect(told).toContainText('and 🎉 at 10:30:20 :smi');
  await expect(told.getByRole('img', { name: ':tadaa_square:' })).toBeVisible();
  // Also what was written past this page.
  await mara.say(id, 'All :rocket: now');
  await expect(feed(noors).getByText('All 🚀 now')).toBeVisible();
});

test('reactions are counted, named, removed, and visible to others at once', async ({ mara, colleague }) => {
  const emoji = await add(mara, 'party_square');
  const noor = await colleague('Noor Haddad');
  const { id } = await mara.channel('dispatch');
  await mara.say(id, 'The van is back');
  const page = await mara.openConversation(id);
  const noors = await noor.openConversation(id);
  const mine = reactions(entry(page, 'The van is back'));
  const theirs = reactions(entry(noors, 'The van is back'));

  await react(page, entry(page, 'The van is back'), 'thumbs up');
  const pill = (of: Locator) => of.getByRole('button', { name: /^👍/ });
  await expect(pill(mine)).toHaveAccessibleName('👍 1: You');
  await expect(pill(mine)).toHaveAttribute('aria-pressed', 'true');
  await expect(pill(theirs)).toHaveAccessibleName('👍 1: Mara Ellis');
  await expect(pill(theirs)).toHaveAttribute('aria-pressed', 'false');
  await pill(theirs).click();
  await expect(pill(theirs)).toHaveAttribute('aria-pressed', 'true');
  await expect(pill(mine)).toHaveAccessibleName('👍 2: You and Noor Haddad');
  await expect(pill(mine)).toHaveText('👍2');
  await pill(mine).click();
  await expect(pill(theirs)).toHaveAccessibleName('👍 1: You');

  // One of the organization's own, from the button beside the others, by the keyboard.
  await theirs.getByRole('button', { name: 'Add reaction' }).focus();
  await noors.keyboard.press('Enter');
  await search(noors).fill('square');
  await noors.keyboard.press('Enter');
  await expect(mine.getByRole('button', { name: ':party_square: 1: Noor Haddad' })).toBeVisible();
  await expect(mine.locator('img.emoji')).toBeVisible();
  await mara.context.request.delete(`/api/emoji/${emoji}`);
  await expect(theirs.getByText(':party_square:')).toBeVisible();
  await mara.post(`/api/emoji/${emoji}/restore`);
  await expect(theirs.locator('img.emoji')).toBeVisible();

  await pill(theirs).click();
  await theirs.getByRole('button', { name: /party_square/ }).click();
  await expect(mine).toHaveCount(0);
  await send(page, 'Nothing left of it');
});

test('members without the send permission can view reactions but not add any', async ({ mara, colleague }) => {
  const reader = await colleague('Rita Reader', await readers(mara));
  const { id } = await mara.channel('dispatch');
  const { id: message } = await mara.say(id, 'The van is back');
  await mara.context.request.put(`/api/messages/${message}/reactions`, { data: { emoji: '👍', reacted: true } });
  const page = await reader.open(`/inbox/${id}`);
  const shown = reactions(entry(page, 'The van is back')).getByRole('button', { name: '👍 1: Mara Ellis' });
  await expect(shown).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Add reaction' })).toHaveCount(0);
});

/** A role that may read and nothing else. */
async function readers(mara: Person): Promise<string> {
  const { name } = await mara.post<{ name: string }>('/api/roles', { name: 'reader', permissions: ['Channel:View'] });
  return name;
}
