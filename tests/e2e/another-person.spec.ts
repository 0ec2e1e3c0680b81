// One browser, two people: what one has written never goes out in the other's name.
import { chips, feed, sendButton, textField } from './support/conversation';
import { sample, typeOf } from './support/files';
import { PASSWORD, takenOver } from './support/person';
import { expect, test } from './support/test';

test('a logged-out page sends nothing and keeps the draft', async ({ mara, colleague, console }) => {
  console.expect(/status of (401|409)|net::ERR_/);
  const noor = await colleague('Noor Haddad');
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  // Nothing tells this page that somebody else is logged in.
  await page.route(/\/api\/(events|auth\/session)/, (route) => route.abort('connectionreset'));
  await textField(page).fill('Written by Mara');
  // In another tab.
  const log = async (person: { email: string }) =>
    expect((await mara.context.request.post('/api/auth/log-in', { data: { email: person.email, password: PASSWORD } })).ok()).toBe(true);
  await log(noor);
  // Unless the page has noticed already.
  await sendButton(page).click({ timeout: 2000 }).catch(() => {});
  // The page is loaded anew, for Noor: nothing of Mara's is in it.
  await expect(page.getByRole('link', { name: 'Your account, Noor Haddad' })).toBeVisible();
  await takenOver(page);
  await expect(textField(page)).toHaveValue('');
  expect(await noor.messages(id)).toEqual([]);
  await page.unroute(/\/api\/(events|auth\/session)/);
  await log(mara);
  await page.reload();
  await takenOver(page);
  await expect(textField(page)).toHaveValue('Written by Mara');
  await sendButton(page).click();
  await expect.poll(async () => (await noor.messages(id)).map((message) => message.body)).toEqual(['Written by Mara']);
  const [{ author }] = (await noor.messages(id)) as unknown as [{ author: { name: string } }];
  expect(author.name).toBe('Mara Ellis');
});

test('a waiting message is not sent by the next person who logs in', async ({ mara, colleague, console }) => {
  console.expect(/status of (401|409)|net::ERR_|Failed to load resource/);
  const noor = await colleague('Noor Haddad');
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  let cut = true;
  await page.route(/\/messages$/, (route) => (cut && route.request().method() === 'POST' ? route.abort('connectionreset') : route.fallback()));
  await textField(page).fill('Waits');
  await sendButton(page).click();
  await expect(feed(page).getByText('Waits', { exact: true })).toBeVisible();
  await mara.context.request.post('/api/auth/log-in', { data: { email: noor.email, password: PASSWORD } });
  cut = false;
  await expect(page.getByRole('link', { name: 'Your account, Noor Haddad' })).toBeVisible();
  expect(await noor.messages(id)).toEqual([]);
});

test('each of two tabs keeps its own draft over a reload', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const other = await mara.channel('office');
  const first = await mara.openConversation(id);
  const second = await mara.openConversation(id);
  await textField(first).fill('In the first tab');
  await textField(second).fill('In the second tab');
  const third = await mara.openConversation(other.id);
  // Far more than the browser keeps.
  await textField(third).evaluate((field: HTMLTextAreaElement, text) => {
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }, 'x'.repeat(6_000_000));
  await textField(first).press('End');
  await textField(first).pressSequentially('!');
  await first.reload();
  await second.reload();
  await expect(textField(first)).toHaveValue('In the first tab!');
  await expect(textField(second)).toHaveValue('In the second tab');
  // What a closed tab has left is taken up by the next.
  await third.close();
  await second.close();
  await first.close();
  const next = await mara.openConversation(id);
  await expect(textField(next)).toHaveValue(/In the first tab!/);
  await expect(textField(next)).toHaveValue(/In the second tab/);
});

test('closing the page asks for confirmation only while something is unfinished', async ({ mara, console }) => {
  console.expect(/net::ERR_|Failed to load resource/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const leave = async () => {
    let asked = false;
    const dialog = page.waitForEvent('dialog', { timeout: 1500 }).then(async (shown) => {
      asked = shown.type() === 'beforeunload';
      await shown.dismiss();
    });
    await page.close({ runBeforeUnload: true });
    await dialog.catch(() => {});
    return asked;
  };
  await page.route(/\/messages$/, (route) => (route.request().method() === 'POST' ? route.abort('connectionreset') : route.fallback()));
  await textField(page).fill('Waits');
  await sendButton(page).click();
  await expect(feed(page).getByText('Waits', { exact: true })).toBeVisible();
  expect(await leave()).toBe(true);
  await page.unroute(/\/messages$/);
  await expect.poll(async () => (await mara.messages(id)).length).toBe(1);
  await expect(page.locator('[data-component=PendingMessage]')).toHaveCount(0);
  expect(await leave()).toBe(false);
});

test('an expired session keeps text and files', async ({ mara, console }) => {
  console.expect(/status of 401/);
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const { name, bytes } = sample('IMG_0231.jpg');
  await page.locator('#composer-files').setInputFiles({ name, mimeType: typeOf({ name }), buffer: bytes });
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
  await textField(page).fill('Nearly done');
  await mara.context.request.post('/api/auth/log-out', { data: {} });
  await expect(page).toHaveURL(/\/log-in\?next=/);
  await takenOver(page);
  await page.getByLabel('Email').fill(mara.email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(textField(page)).toHaveValue('Nearly done');
  await expect(chips(page)).toHaveAttribute('data-status', 'complete');
  await sendButton(page).click();
  await expect(feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' })).toBeVisible();
});
