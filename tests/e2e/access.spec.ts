// An admin changes what somebody may do: what they have open follows, without a reload.
import type { Page } from '@playwright/test';
import { feed } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

type Role = { name: string; permissions: string[] };

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });

test('a new role applies to open pages', async ({ mara, colleague, console }) => {
  console.expect(/status of 404/);
  const { id } = await mara.channel('dispatch');
  await mara.say(id, 'The van is loaded');
  const noor = await colleague('Noor Haddad');
  const theirs = await noor.openConversation(id);
  const message = theirs.getByRole('textbox', { name: 'Message' });
  await message.fill('Half a sentence');

  const page = await mara.open('/settings/members');
  await page.getByLabel('Role of Noor Haddad').selectOption({ label: 'Guest' });
  await expect(theirs.getByText("You don't have access to this conversation")).toBeVisible();
  await expect(message).toHaveCount(0);
  await expect(list(theirs).getByRole('link', { name: 'dispatch' })).toHaveCount(0);
  await expect(list(theirs).getByRole('button', { name: 'Add a channel' })).toHaveCount(0);

  await page.getByLabel('Role of Noor Haddad').selectOption({ label: 'Member' });
  await expect(feed(theirs).getByText('The van is loaded')).toBeVisible();
  await expect(message).toHaveValue('Half a sentence');
  await expect(list(theirs).getByRole('link', { name: 'dispatch' })).toBeVisible();
  await expect(list(theirs).getByRole('button', { name: 'Add a channel' })).toBeVisible();
});

test('a revoked permission disappears from the page, and returns', async ({ mara, colleague, console }) => {
  // Previews that are made meanwhile make the panel ask for its files, and the answer may come when the right is gone.
  console.expect(/status of 403/);
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'The door', [sample('IMG_0231.jpg', 'door.jpg')]);
  const noor = await colleague('Noor Haddad');
  const theirs = await noor.openConversation(id);
  await expect(feed(theirs).getByRole('link', { name: 'Download door.jpg' })).toBeVisible();
  // The panel has asked all that it asks.
  await expect(theirs.locator('[data-component=ContactFiles]').getByRole('heading')).toContainText('Files1');

  const roles = await mara.get<Role[]>('/api/roles');
  const all = roles.find((role) => role.name === 'member')?.permissions ?? [];
  const set = async (permissions: string[]) => {
    const response = await mara.context.request.patch('/api/roles', { data: { role: 'member', permissions } });
    expect(response.status()).toBe(200);
  };
  await set(all.filter((permission) => !['Message:Send', 'Message:ViewAttachment'].includes(permission)));
  await expect(theirs.getByText('can read but not write here')).toBeVisible();
  await expect(theirs.getByRole('textbox', { name: 'Message' })).toHaveCount(0);
  await expect(feed(theirs).getByRole('link', { name: 'Download door.jpg' })).toHaveCount(0);
  await expect(feed(theirs).getByText('The door')).toBeVisible();

  await set(all);
  await expect(theirs.getByRole('textbox', { name: 'Message' })).toBeVisible();
  await expect(feed(theirs).getByRole('link', { name: 'Download door.jpg' })).toBeVisible();
});

test('removing a member from a private channel closes it', async ({ mara, colleague, console }) => {
  console.expect(/status of 404/);
  const noor = await colleague('Noor Haddad');
  const { id } = await mara.post<{ id: string }>('/api/channels', { name: 'plans', kind: 'team', private: true });
  const admit = async (memberIds: string[]) => {
    const response = await mara.context.request.put(`/api/channels/${id}/members`, { data: { memberIds } });
    expect(response.status()).toBe(200);
  };
  await admit([mara.memberId, noor.memberId]);
  await mara.say(id, 'Nobody knows yet');
  const theirs = await noor.openConversation(id);
  await expect(feed(theirs).getByText('Nobody knows yet')).toBeVisible();
  await admit([mara.memberId]);
  await expect(theirs.getByText("You don't have access to this conversation")).toBeVisible();
  await expect(theirs.getByText('Nobody knows yet')).toHaveCount(0);
  await expect(list(theirs).getByRole('link', { name: 'plans' })).toHaveCount(0);
});

test('a private channel gets members when it is created, and loses them', async ({ mara, colleague, console }) => {
  console.expect(/status of 404/);
  const noor = await colleague('Noor Haddad');
  const theirs = await noor.open('/inbox');
  const page = await mara.open('/inbox');
  await list(page).getByRole('button', { name: 'Add a channel' }).click();
  await page.getByLabel('Channel name').fill('plans');
  await page.getByRole('switch', { name: /Private/ }).check();
  await page.getByRole('button', { name: 'Create channel' }).click();

  const panel = page.getByRole('complementary', { name: 'Channel', exact: true });
  await expect(panel.getByRole('checkbox', { name: /Mara Ellis/ })).toBeDisabled();
  await expect(panel.getByRole('button', { name: 'Leave channel' })).toHaveCount(0);
  await panel.getByRole('checkbox', { name: /Noor Haddad/ }).check();
  await expect(list(theirs).getByRole('link', { name: 'plans' })).toBeVisible();
  await list(theirs).getByRole('link', { name: 'plans' }).click();
  const members = theirs.locator('[data-component=ChannelMembers]');
  await expect(members).toContainText('Mara Ellis');
  await expect(members).toContainText('Noor Haddad');

  await panel.getByRole('button', { name: 'Done' }).click();
  await panel.getByRole('button', { name: 'Add or remove' }).click();
  await panel.getByRole('checkbox', { name: /Noor Haddad/ }).uncheck();
  await expect(theirs.getByText("You don't have access to this conversation")).toBeVisible();
  await expect(list(theirs).getByRole('link', { name: 'plans' })).toHaveCount(0);
});

test('a guest can view the members of a private channel and leave it', async ({ mara, colleague, console }) => {
  console.expect(/status of 404/);
  const gerda = await colleague('Gerda Guest', 'guest');
  const { id } = await mara.channel('plans', true);
  const response = await mara.context.request.put(`/api/channels/${id}/members`, {
    data: { memberIds: [mara.memberId, gerda.memberId] },
  });
  expect(response.status()).toBe(200);
  const page = await gerda.open(`/inbox/${id}`);
  const panel = page.getByRole('complementary', { name: 'Channel', exact: true });
  await expect(panel).toContainText('Mara Ellis');
  await expect(panel.getByRole('button', { name: 'Add or remove' })).toHaveCount(0);
  await panel.getByRole('button', { name: 'Leave channel' }).click();
  await page.getByRole('dialog', { name: 'Leave #plans?' }).getByRole('button', { name: 'Leave' }).click();
  await expect(page).toHaveURL(/\/inbox$/);
  await expect(list(page).getByRole('link', { name: 'plans' })).toHaveCount(0);
});
