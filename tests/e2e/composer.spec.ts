// Writing.
import { chips, feed, goTo, sendButton, textField } from './support/conversation';
import { expect, test } from './support/test';

test('Enter sends, Shift and Enter insert a line break', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await textField(page).click();
  await page.keyboard.type('First line');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('second line');
  await expect(textField(page)).toHaveValue('First line\nsecond line');
  await expect(feed(page).getByRole('article')).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(feed(page).getByRole('article')).toHaveCount(1);
  await expect(textField(page)).toHaveValue('');
  await expect(textField(page)).toBeFocused();
  expect((await mara.messages(id)).map((message) => message.body)).toEqual(['First line\nsecond line']);
});

test('Enter sends nothing when there is nothing to send', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await expect(sendButton(page)).toBeDisabled();
  await textField(page).fill('   ');
  await page.keyboard.press('Enter');
  await expect(sendButton(page)).toBeDisabled();
  await textField(page).fill('Something');
  await page.keyboard.press('Enter');
  await expect(feed(page).getByRole('article')).toHaveCount(1);
  expect(await mara.messages(id)).toHaveLength(1);
});

test('a draft survives navigation', async ({ mara }) => {
  const dispatch = await mara.channel('dispatch');
  await mara.channel('repairs');
  const page = await mara.openConversation(dispatch.id);
  await textField(page).fill('Half a thou');
  await goTo(page, 'repairs');
  await expect(textField(page)).toHaveValue('');
  await textField(page).fill('Another');
  await goTo(page, 'dispatch');
  await expect(textField(page)).toHaveValue('Half a thou');
  await page.getByRole('link', { name: 'Contacts', exact: true }).click();
  await expect(page).toHaveURL(/\/contacts/);
  await page.getByRole('link', { name: 'Inbox' }).click();
  await goTo(page, 'repairs');
  await expect(textField(page)).toHaveValue('Another');
});

test('a rejected message is kept, reported, and sent once', async ({ mara, console }) => {
  console.expect(/status of 422/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await page.route('**/messages', (route) => route.fulfill({ status: 422, body: 'Refused.' }), { times: 1 });
  await textField(page).fill('Is it there?');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Not sent');
  await expect(textField(page)).toHaveValue('Is it there?');
  await page.keyboard.press('Enter');
  await expect(feed(page).getByText('Is it there?')).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect(await mara.messages(id)).toHaveLength(1);
});

test('a message written offline is sent once when online', async ({ mara, console }) => {
  console.expect(/net::ERR_/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  // The first try arrives, and its answer is lost.
  await page.route('**/messages', async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  }, { times: 1 });
  await textField(page).fill('Is it there?');
  await page.keyboard.press('Enter');
  await expect(textField(page)).toHaveValue('');
  await expect(feed(page).locator('[data-component=MessageEntry]').getByText('Is it there?')).toBeVisible();
  await expect(feed(page).locator('[data-component=PendingMessage]')).toHaveCount(0);
  expect(await mara.messages(id)).toHaveLength(1);

  await page.route('**/messages', (route) => route.abort('internetdisconnected'));
  await textField(page).fill('Nobody hears me');
  await page.keyboard.press('Enter');
  const waiting = feed(page).locator('[data-component=PendingMessage]');
  await expect(waiting).toContainText("Sends when you're back online");
  await waiting.getByRole('button', { name: 'Cancel' }).click();
  await expect(textField(page)).toHaveValue('Nobody hears me');
  await page.unroute('**/messages');
  await page.keyboard.press('Enter');
  await expect(feed(page).locator('[data-component=MessageEntry]').getByText('Nobody hears me')).toBeVisible();
  expect(await mara.messages(id)).toHaveLength(2);
});

test('from the top of the page to a sent message by keyboard', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.say(id, 'A first line');
  const page = await mara.openConversation(id);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);
  await expect(page.getByLabel('Message', { exact: true })).toBeFocused();
  // From the top of the page, as after a click on its empty part.
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Skip to writing');
  const met = new Set<string>();
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab');
    const name = (await focused())?.trim() ?? '';
    met.add(name);
    const ring = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement!);
      return style.outlineStyle !== 'none' || style.boxShadow !== 'none' || document.activeElement!.matches('textarea, input');
    });
    expect(ring, `the focus on ${name} can be seen`).toBe(true);
    if (name === 'Message') {
      break;
    }
  }
  for (const name of ['Inbox', 'Contacts', 'Files', 'Settings', 'Add a channel', 'dispatch', 'Copy link', 'Message']) {
    expect([...met]).toContain(name);
  }
  expect([...met]).toContainEqual(expect.stringMatching(/^Mara Ellis, \d\d:\d\d$/));
  await page.keyboard.type('By hand');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Attach files' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Emoji' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(sendButton(page)).toBeFocused();
  await page.keyboard.press('Space');
  await expect(feed(page).getByText('By hand')).toBeVisible();
  await expect(chips(page)).toHaveCount(0);
});
