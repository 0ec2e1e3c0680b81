// Editing, replying and forwarding: seen live by colleagues, done by keyboard alone, and not offered without permission.
import type { Locator, Page } from '@playwright/test';
import { seriousFaults } from './support/axe';
import { feed, sendButton } from './support/conversation';
import { sample } from './support/files';
import type { Person } from './support/person';
import { expect, test } from './support/test';

const entry = (page: Page, text: string): Locator => feed(page).getByRole('article').filter({ hasText: text });
const composer = (page: Page): Locator => page.getByRole('textbox', { name: 'Message', exact: true });
const editField = (page: Page): Locator => page.getByRole('textbox', { name: 'Edit message' });
const quotes = (page: Page): Locator => feed(page).locator('[data-component=Quote]');

async function act(page: Page, text: string, name: string): Promise<void> {
  await entry(page, text).hover();
  await entry(page, text).getByRole('button', { name }).click();
}

async function patch(person: Person, path: string, data: object): Promise<void> {
  expect((await person.context.request.patch(path, { data })).status()).toBe(200);
}

test('an edit is seen by everyone at once, and only its author can make it', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  await mara.say(id, 'The van comes at nien');
  const noor = await colleague('Noor Haddad');
  await noor.say(id, 'Thanks');
  const [maras, noors] = [await mara.openConversation(id), await noor.openConversation(id)];
  await entry(noors, 'The van comes').hover();
  await expect(entry(noors, 'The van comes').getByRole('button', { name: 'Reply to the message' })).toBeVisible();
  await expect(entry(noors, 'The van comes').getByRole('button', { name: 'Edit the message' })).toHaveCount(0);

  await act(maras, 'The van comes', 'Edit the message');
  await expect(editField(maras)).toBeFocused();
  await expect(editField(maras)).toHaveValue('The van comes at nien');
  expect(await seriousFaults(maras)).toEqual([]);
  await editField(maras).fill('The van comes at nine');
  await maras.getByRole('button', { name: 'Save' }).click();
  for (const page of [maras, noors]) {
    await expect(entry(page, 'The van comes at nine')).toContainText(/Edited \d\d:\d\d/);
    await expect(feed(page)).not.toContainText('nien');
  }
  await expect(editField(maras)).toHaveCount(0);
});

test('the arrow edits the last message, Esc leaves it, and Enter saves it', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  await mara.say(id, 'First');
  await mara.say(id, 'Second');
  const noor = await colleague('Noor Haddad');
  await noor.say(id, 'Of Noor');
  const page = await mara.openConversation(id);
  await composer(page).focus();
  await page.keyboard.press('ArrowUp');
  await expect(editField(page)).toBeFocused();
  await expect(editField(page)).toHaveValue('Second');
  await page.keyboard.type(', not saved');
  await page.keyboard.press('Escape');
  await expect(editField(page)).toHaveCount(0);
  await expect(composer(page)).toBeFocused();
  await expect(feed(page)).not.toContainText('not saved');

  await page.keyboard.press('ArrowUp');
  await expect(editField(page)).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('and third');
  await page.keyboard.press('Enter');
  await expect(entry(page, 'and third')).toContainText('Edited');
  await expect(composer(page)).toBeFocused();
  // In a text, the arrow moves the caret.
  await page.keyboard.type('Draft');
  await page.keyboard.press('ArrowUp');
  await expect(editField(page)).toHaveCount(0);
});

test('an edit that is refused keeps its text', async ({ mara, console }) => {
  console.expect(/status of 404/);
  const { id } = await mara.channel('dispatch');
  const message = await mara.say(id, 'As it was');
  const page = await mara.openConversation(id);
  await act(page, 'As it was', 'Edit the message');
  await editField(page).fill('');
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
  await page.route(`**/api/messages/${message.id}`, (route) =>
    route.request().method() === 'PATCH' ? route.fulfill({ status: 404, body: 'gone' }) : route.continue(),
  );
  await editField(page).fill('As it is');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Not saved.');
  await expect(editField(page)).toHaveValue('As it is');
});

test('a reply quotes its message, and the quote leads there', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  await mara.say(id, 'Who has the key?');
  for (let number = 1; number <= 70; number += 1) {
    await mara.say(id, `Line ${number}`);
  }
  const noor = await colleague('Noor Haddad');
  const [maras, noors] = [await mara.openConversation(id), await noor.openConversation(id)];
  await act(noors, 'Line 70', 'Reply to the message');
  await expect(composer(noors)).toBeFocused();
  const bar = noors.locator('[data-component=ReplyBar]');
  await expect(bar).toContainText('Reply to Mara Ellis: Line 70');
  await noors.keyboard.press('Escape');
  await expect(bar).toHaveCount(0);

  // Kept with the draft over a reload.
  await act(noors, 'Line 70', 'Reply to the message');
  await composer(noors).fill('That one');
  await noors.reload();
  await expect(bar).toContainText('Line 70');
  await sendButton(noors).click();
  await expect(bar).toHaveCount(0);
  for (const page of [maras, noors]) {
    await expect(entry(page, 'That one').locator('[data-component=Quote]')).toHaveText('Mara EllisLine 70');
  }

  // A message that is not loaded.
  const first = (await mara.messages(id)).find(({ body }) => body === 'Who has the key?')!;
  await mara.post(`/api/channels/${id}/messages`, { body: 'I have it', replyTo: first.id });
  await expect(entry(noors, 'I have it').locator('[data-component=Quote]')).toHaveText('Mara EllisWho has the key?');
  await entry(noors, 'I have it').locator('[data-component=Quote]').click();
  await expect(noors.locator(`#m-${first.id}`)).toBeFocused();
  await expect(noors.locator(`#m-${first.id}`)).toBeInViewport();
});

test('a quote follows its message: edited, deleted, restored', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const first = await mara.say(id, 'Helo');
  const photo = await mara.sayWith(id, '', [sample('IMG_0231.jpg')]);
  await mara.post(`/api/channels/${id}/messages`, { body: 'One', replyTo: first.id });
  await mara.post(`/api/channels/${id}/messages`, { body: 'Two', replyTo: photo.id });
  const noor = await colleague('Noor Haddad');
  const page = await noor.openConversation(id);
  await expect(quotes(page)).toHaveText(['Mara EllisHelo', 'Mara EllisPhoto']);
  await patch(mara, `/api/messages/${first.id}`, { body: 'Hello' });
  await expect(quotes(page).first()).toHaveText('Mara EllisHello');
  await mara.context.request.delete(`/api/messages/${first.id}`);
  await expect(quotes(page).first()).toHaveText('Mara EllisDeleted message');
  await mara.post(`/api/messages/${first.id}/restore`);
  await expect(quotes(page).first()).toHaveText('Mara EllisHello');
  expect(await seriousFaults(page)).toEqual([]);
});

test('a reply that was written offline is sent as a reply', async ({ mara, console }) => {
  console.expect(/ERR_INTERNET_DISCONNECTED/);
  const { id } = await mara.channel('dispatch');
  await mara.say(id, 'Question');
  const page = await mara.openConversation(id);
  await act(page, 'Question', 'Reply to the message');
  await composer(page).fill('Answer');
  await page.context().setOffline(true);
  await page.keyboard.press('Enter');
  const pending = feed(page).locator('[data-kind=pending]');
  await expect(pending).toContainText('Question');
  await page.context().setOffline(false);
  await expect(entry(page, 'Answer').locator('[data-component=Quote]')).toHaveText('Mara EllisQuestion');
});

test('a message is forwarded with its files and a note to several conversations', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const { channelId } = await mara.contact('Jane', 'Doe');
  const office = await mara.channel('office');
  const noor = await colleague('Noor Haddad');
  await mara.sayWith(id, 'The roof', [sample('IMG_0231.jpg'), sample('service-report.pdf')]);
  const [page, noors] = [await mara.openConversation(id), await noor.openConversation(office.id)];
  await act(page, 'The roof', 'Forward the message');
  const dialog = page.getByRole('dialog', { name: 'Forward' });
  await expect(dialog).toContainText('The roof');
  await expect(dialog.getByRole('button', { name: 'Forward' })).toBeDisabled();
  await dialog.getByRole('searchbox').fill('jane');
  await expect(dialog.getByRole('checkbox', { name: '#office' })).toHaveCount(0);
  await dialog.getByRole('checkbox', { name: 'Jane Doe' }).check();
  await dialog.getByRole('searchbox').fill('');
  await dialog.getByRole('checkbox', { name: '#office' }).check();
  await dialog.getByRole('textbox', { name: 'Note' }).fill('Please look');
  expect(await seriousFaults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Forward' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText('Forwarded to 2 conversations.')).toBeVisible();
  await expect(feed(noors)).toContainText('Please look');
  await expect(feed(noors)).toContainText('Forwarded from Mara Ellis:');
  await expect(feed(noors).getByRole('button', { name: 'Open IMG_0231.jpg' })).toBeVisible();
  const [sent] = await mara.messages(channelId);
  expect(sent!.attachments.map(({ fileName }) => fileName)).toEqual(['IMG_0231.jpg', 'service-report.pdf']);
});

test('a conversation that refuses is named, and only that one is tried again', async ({ mara, console }) => {
  console.expect(/status of 403/);
  const { id } = await mara.channel('dispatch');
  const [office, repairs] = [await mara.channel('office'), await mara.channel('repairs')];
  await mara.say(id, 'Look at this');
  const page = await mara.openConversation(id);
  let refuses = true;
  await page.route(`**/api/channels/${repairs.id}/messages`, (route) =>
    refuses ? route.fulfill({ status: 403, body: 'no' }) : route.continue(),
  );
  await act(page, 'Look at this', 'Forward the message');
  const dialog = page.getByRole('dialog', { name: 'Forward' });
  await dialog.getByRole('checkbox', { name: '#repairs' }).check();
  await dialog.getByRole('checkbox', { name: '#office' }).check();
  await dialog.getByRole('button', { name: 'Forward' }).click();
  await expect(dialog).toContainText('Not sent to #repairs');
  await expect(dialog.getByRole('checkbox', { name: '#office' })).toBeDisabled();
  refuses = false;
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await expect(dialog).toHaveCount(0);
  for (const channel of [office, repairs]) {
    expect((await mara.messages(channel.id)).length, channel.name).toBe(1);
  }
});

test('a file is forwarded from its menu and from the lightbox', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const office = await mara.channel('office');
  await mara.sayWith(id, '', [sample('IMG_0231.jpg')]);
  const page = await mara.openConversation(id);
  const more = feed(page).getByRole('button', { name: 'More for IMG_0231.jpg' });
  await more.hover();
  await more.click();
  await page.getByRole('group', { name: 'More for IMG_0231.jpg' }).getByRole('button', { name: 'Forward' }).click();
  const dialog = page.getByRole('dialog', { name: 'Forward' });
  await expect(dialog).toContainText('IMG_0231');
  await dialog.getByRole('checkbox', { name: '#office' }).check();
  await dialog.getByRole('button', { name: 'Forward' }).click();
  await expect(page.getByText('Forwarded to #office.')).toBeVisible();
  const [sent] = await mara.messages(office.id);
  expect(sent!.attachments.map(({ fileName }) => fileName)).toEqual(['IMG_0231.jpg']);

  await feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forward' }).click();
  await expect(page.getByRole('dialog', { name: 'Forward' })).toBeVisible();
});

test('without permission to send there are no such buttons', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  await noor.say(id, 'Of Noor');
  const page = await noor.openConversation(id);
  await entry(page, 'Of Noor').hover();
  await expect(entry(page, 'Of Noor').getByRole('button', { name: 'Edit the message' })).toBeVisible();
  const roles = await mara.get<{ name: string; permissions: string[] }[]>('/api/roles');
  const all = roles.find(({ name }) => name === 'member')!.permissions;
  await patch(mara, '/api/roles', { role: 'member', permissions: all.filter((name) => name !== 'Message:Send') });
  await expect(page.getByText('can read but not write here')).toBeVisible();
  await entry(page, 'Of Noor').hover();
  await expect(entry(page, 'Of Noor').getByRole('button', { name: 'Copy link' })).toBeVisible();
  for (const name of ['Edit the message', 'Reply to the message', 'Forward the message']) {
    await expect(page.getByRole('button', { name })).toHaveCount(0);
  }
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test('a message is edited and answered by touch', async ({ mara, browser, contextOptions }) => {
    const { id } = await mara.channel('dispatch');
    await mara.say(id, 'Helo');
    const phone = await mara.elsewhere(browser, {
      ...contextOptions, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true,
    });
    const page = await phone.openConversation(id);
    await entry(page, 'Helo').getByRole('button', { name: 'More' }).tap();
    await entry(page, 'Helo').getByRole('button', { name: 'Edit the message' }).tap();
    await editField(page).fill('Hello');
    await page.getByRole('button', { name: 'Save' }).tap();
    await expect(entry(page, 'Hello')).toContainText('Edited');
    await entry(page, 'Hello').getByRole('button', { name: 'Reply to the message' }).tap();
    await composer(page).fill('Yes');
    await sendButton(page).tap();
    await expect(quotes(page)).toHaveText('Mara EllisHello');
    expect(await seriousFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});
