// Passwords that change and are forgotten, and members who go.
import type { Page } from '@playwright/test';
import { feed } from './support/conversation';
import { PASSWORD, type Person } from './support/person';
import { expect, test } from './support/test';

const NEW = 'another horse battery';

async function choose(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `More for ${name}` }).click();
  await page.getByRole('button', { name: item }).click();
}

async function logIn(page: Page, person: Person, password: string): Promise<void> {
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

test('a changed password logs out the other devices', async ({ mara, visitor, console }) => {
  console.expect(/status of 422/);
  const phone = await visitor();
  await logIn(await phone.open('/log-in'), mara, PASSWORD);
  await expect(phone.context.pages()[0]!).toHaveURL(/\/inbox$/);
  await phone.context.pages()[0]!.close();

  const page = await mara.open('/settings/profile');
  const devices = page.locator('[data-component=DeviceList]').getByRole('listitem');
  await expect(devices).toHaveCount(2);
  await page.getByLabel('Current password').fill('not the password');
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByLabel('Current password')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByRole('alert')).toContainText('Wrong current password');

  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Your password was changed. 1 other device was logged out.')).toBeVisible();
  await expect(page.getByLabel('Current password')).toHaveValue('');
  await expect(devices).toHaveCount(1);
  await expect(await phone.open('/inbox')).toHaveURL(/\/log-in/);
});

test('a changed password optionally revokes access tokens', async ({ mara }) => {
  const token = await mara.post<{ secret: string }>('/api/access-tokens', { name: 'doorbell', scopes: ['buckets:write'] });
  const asked = async () =>
    (await mara.context.request.get('/api/v1/buckets', { headers: { Authorization: `Bearer ${token.secret}` } })).status();
  expect(await asked()).toBe(200);
  const page = await mara.open('/settings/profile');
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('switch', { name: 'Revoke access tokens' }).check();
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Your password was changed.')).toBeVisible();
  expect(await asked()).toBe(401);
});

test('an unused invite is listed and revoked', async ({ mara, visitor, console }) => {
  console.expect(/status of 404/);
  const page = await mara.open('/settings/members');
  const invites = page.getByRole('region', { name: 'Open invites, scrolls sideways' });
  await expect(invites).toHaveCount(0);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByRole('button', { name: 'Create link' }).click();
  await expect(invites.getByRole('row')).toHaveCount(2);
  await expect(invites.getByRole('row').nth(1)).toContainText('Mara Ellis');
  const token = await mara.invite('guest');
  // Somebody else's comes in by itself.
  await expect(invites.getByRole('row')).toHaveCount(3);
  await invites.getByRole('button', { name: /Revoke the invite by Mara Ellis as Guest/ }).click();
  await expect(page.getByText('Invite revoked.')).toBeVisible();
  await expect(invites.getByRole('row')).toHaveCount(2);
  const late = await (await visitor()).open(`/invite/${token}`);
  await expect(late.getByRole('heading', { name: "This invite doesn't work" })).toBeVisible();
});

test('an admin logs a member out everywhere', async ({ mara, colleague, console }) => {
  console.expect(/status of 401/);
  const noor = await colleague('Noor Haddad');
  const theirs = await noor.open('/inbox');
  const page = await mara.open('/settings/members');
  await choose(page, 'Noor Haddad', 'Log out everywhere');
  await expect(page.getByText('Noor Haddad was logged out everywhere.')).toBeVisible();
  await expect(theirs).toHaveURL(/\/log-in/);
});

test('an admin creates a password reset link', async ({ mara, colleague, visitor }) => {
  const noor = await colleague('Noor Haddad');
  const door = await (await visitor()).open('/log-in');
  await expect(door.getByText('Ask an admin of your organization for a reset link')).toBeVisible();

  const page = await mara.open('/settings/members');
  await choose(page, 'Noor Haddad', 'Reset password');
  const notice = page.locator('[data-component=LinkNotice]');
  await expect(notice).toContainText('Reset link for Noor Haddad created.');
  const link = await notice.locator('code').innerText();

  await door.goto(link);
  await expect(door.getByText(noor.email)).toBeVisible();
  await door.getByLabel('New password').fill(NEW);
  await door.getByRole('button', { name: 'Set password and log in' }).click();
  await expect(door).toHaveURL(/\/inbox$/);
  await expect(await noor.open('/inbox')).toHaveURL(/\/log-in/);

  const second = await (await visitor()).open(link);
  await expect(second.getByRole('heading', { name: "This link doesn't work" })).toBeVisible();
});

test('a removed member loses access at once, and their messages stay', async ({ mara, colleague, console }) => {
  console.expect(/status of 40[14]/);
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  await noor.say(id, 'The van is loaded');
  const theirs = await noor.openConversation(id);
  const page = await mara.open('/settings/members');
  const row = page.getByRole('row', { name: /Noor Haddad/ });
  await choose(page, 'Noor Haddad', 'Remove');
  const dialog = page.getByRole('dialog', { name: 'Remove Noor Haddad from Harbour Lane?' });
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(row).toBeVisible();
  await expect(page.getByRole('button', { name: 'More for Noor Haddad' })).toBeFocused();

  await choose(page, 'Noor Haddad', 'Remove');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(row).toHaveCount(0);
  await expect(theirs).toHaveURL(/\/log-in/);
  await expect(await noor.open('/inbox')).toHaveURL(/\/log-in/);
  const conversation = await mara.openConversation(id);
  await expect(feed(conversation).getByText('The van is loaded')).toBeVisible();
  await expect(feed(conversation).getByText('Noor Haddad')).toBeVisible();
});

test('nobody can remove themselves, nor an admin an owner', async ({ colleague }) => {
  const adam = await colleague('Adam Admin', 'admin');
  const page = await adam.open('/settings/members');
  await expect(page.getByRole('row', { name: /Adam Admin/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /^More for/ })).toHaveCount(0);
});

test('a person and their organization are renamed', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  await noor.say(id, 'The van is loaded');
  const conversation = await mara.openConversation(id);
  const profile = await noor.open('/settings/profile');
  await profile.getByLabel('Name').fill('Noor Haddad-Lind');
  await profile.getByRole('button', { name: 'Save name' }).click();
  await expect(profile.getByText('Name saved')).toBeVisible();
  await conversation.reload();
  await expect(feed(conversation).getByText('Noor Haddad-Lind')).toBeVisible();

  const general = await mara.open('/settings/organization');
  await general.getByLabel('Name').fill('Harbour & Sons');
  await general.getByRole('button', { name: 'Save name' }).click();
  // At once in what others have open.
  await expect(profile.getByRole('navigation', { name: 'Settings' })).toContainText('Harbour & Sons');
  await expect((await noor.open('/settings/organization')).getByLabel('Name')).toHaveCount(0);
});
