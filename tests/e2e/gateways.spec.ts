// Conversations with and without a gateway: the notice where one writes, messages of contacts, what became of replies.
import { seriousFaults } from './support/axe';
import { feed, send } from './support/conversation';
import type { Person } from './support/person';
import { expect, test } from './support/test';

/** A program with an access token. Answers the JSON of the response. */
async function gateway(person: Person) {
  const scopes = ['messages:write', 'messages:read', 'contacts:write'];
  const { secret } = await person.post<{ secret: string }>('/api/access-tokens', { name: 'SMS', scopes });
  return async (method: string, path: string, data: object) => {
    const headers = { authorization: `Bearer ${secret}` };
    const response = await person.context.request.fetch(`/api/v1${path}`, { method, headers, data });
    expect(response.ok(), await response.text()).toBe(true);
    return (await response.json()) as { id: string; bucketId: string };
  };
}

test('replies stay until a gateway is connected, and files can be requested instead', async ({ mara }) => {
  const jane = await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  const { id: dispatch } = await mara.channel('dispatch');
  const page = await mara.openConversation(jane.channelId);
  const notice = page.locator('[data-component=GatewayNotice]');
  await expect(notice).toHaveText('Replies stay in Attaché until a gateway is connected. Request files instead');
  expect(await seriousFaults(page)).toEqual([]);
  await notice.getByRole('button', { name: 'Request files instead' }).click();
  const dialog = page.getByRole('dialog', { name: 'Request files' });
  await dialog.getByRole('button', { name: 'Create link' }).click();
  await expect(dialog.getByText('The link is ready.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(feed(page).locator('[data-component=FileRequestCard]')).toBeVisible();
  const team = await mara.openConversation(dispatch);
  await expect(team.locator('[data-component=GatewayNotice]')).toHaveCount(0);

  const call = await gateway(mara);
  await call('POST', '/messages', { contact: { id: jane.id }, direction: 'inbound', body: 'Hello?' });
  await page.reload();
  await expect(feed(page).getByText('Hello?')).toBeVisible();
  await expect(notice).toHaveCount(0);
});

test('a text message arrives live, and its reply shows what became of it', async ({ mara }) => {
  const call = await gateway(mara);
  const contact = { phone: '+15551234567', firstName: 'Jane', lastName: 'Doe' };
  const received = await call('POST', '/messages', { contact, direction: 'inbound', externalId: 'SM1', body: 'It drips again.' });
  const page = await mara.openConversation(received.bucketId);
  const entries = feed(page).getByRole('article');
  await expect(entries.filter({ hasText: 'It drips again.' })).toContainText('Jane Doe');
  await expect(page.locator('[data-component=GatewayNotice]')).toHaveCount(0);

  await send(page, 'We come at nine.');
  const [{ id }] = await mara.messages(received.bucketId);
  const entry = entries.filter({ hasText: 'We come at nine.' });
  const line = entry.locator('[data-component=DeliveryLine]');
  await expect(line).toHaveCount(0);
  for (const [status, words] of [['queued', 'Queued'], ['sent', 'Sent'], ['delivered', 'Delivered'], ['read', 'Read']]) {
    await call('PATCH', `/messages/${id}/delivery`, { status });
    await expect(line).toHaveText(words!);
  }
  await expect(entry).not.toContainText('edited');

  await send(page, 'Are you there?');
  const [{ id: other }] = await mara.messages(received.bucketId);
  await call('PATCH', `/messages/${other}/delivery`, { status: 'failed', error: 'The phone is switched off.' });
  await expect(entries.filter({ hasText: 'Are you there?' })).toContainText('Not delivered: The phone is switched off.');
  expect(await seriousFaults(page)).toEqual([]);
});

test('a contact has an email, a company and a note', async ({ mara }) => {
  const jane = await mara.contact('Jane', 'Doe');
  const page = await mara.open(`/contacts/${jane.id}`);
  await page.getByLabel('Email').fill('Jane@Example.com');
  await page.getByLabel('Company').fill('Harbor Lane');
  await page.getByLabel('Note').fill('Second floor.\nRing twice.');
  await page.getByRole('button', { name: 'Save' }).click();
  const panel = page.getByRole('complementary', { name: 'Contact', exact: true });
  await expect(panel.getByRole('link', { name: 'jane@example.com' })).toHaveAttribute('href', 'mailto:jane@example.com');
  await expect(panel).toContainText('Harbor Lane');
  await expect(panel.getByText('Ring twice.')).toBeVisible();
  expect(await seriousFaults(page)).toEqual([]);
  await panel.getByRole('link', { name: 'Edit Jane Doe' }).click();
  await expect(page.getByLabel('Email')).toHaveValue('jane@example.com');
  await page.getByLabel('Company').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(panel.getByText('Harbor Lane')).toHaveCount(0);
});
