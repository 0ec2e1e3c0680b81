// Coming in and going out.
import { PASSWORD } from './support/person';
import { expect, test } from './support/test';

test('a new installation redirects to sign-up, a used one to log-in', async ({ startServer, visitor }) => {
  const { base } = await startServer();
  const first = await visitor({ baseURL: base });
  const page = await first.open('/');
  await expect(page).toHaveURL(/\/sign-up$/);
  await expect(page).toHaveTitle(/Create an account/);

  await page.getByLabel('Organization').fill('Harbour Lane');
  await page.getByLabel('Name', { exact: true }).fill('Mara Ellis');
  await page.getByLabel('Email').fill('mara@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page).toHaveURL(/\/inbox$/);
  await expect(page.getByRole('img', { name: 'Harbour Lane' })).toBeVisible();

  const second = await visitor({ baseURL: base });
  await expect(await second.open('/')).toHaveURL(/\/log-in$/);
});

test('a closed sign-up says so, and nothing redirects to it', async ({ startServer, visitor }) => {
  const { base } = await startServer({ SIGN_UP: 'invite' });
  const first = await visitor({ baseURL: base });
  await first.signUp('Harbour Lane');
  const second = await visitor({ baseURL: base });
  const page = await second.open('/log-in');
  await expect(page.getByText('Ask an admin of your organization for an invite')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Create an account' })).toHaveCount(0);
  await page.goto('/sign-up');
  await expect(page.getByRole('heading', { name: 'Sign-up is closed' })).toBeVisible();
  await expect(page.getByRole('textbox')).toHaveCount(0);
});

test('after logging out you must log in again', async ({ mara }) => {
  // What the page asks when it opens is answered before the session ends.
  const asked = ['/api/uploads/pictures-left', '/api/events'];
  const answers = asked.map((path) => mara.context.waitForEvent('response', (answer) => answer.url().includes(path)));
  const page = await mara.open('/settings/profile');
  await Promise.all(answers);
  await page.getByRole('button', { name: 'Log out', exact: true }).first().click();
  await expect(page).toHaveURL(/\/log-in/);
  await page.goto('/inbox');
  await expect(page).toHaveURL(/\/log-in\?next=/);

  await page.getByLabel('Email').fill(mara.email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page).toHaveURL(/\/inbox$/);
});

test('a page whose session was ended elsewhere redirects to log-in and back', async ({ mara, console }) => {
  console.expect(/status of 401/);
  const { id } = await mara.channel('general');
  const page = await mara.openConversation(id);
  const [{ id: session }] = await mara.get<{ id: string; current: boolean }[]>('/api/auth/sessions');
  expect((await mara.context.request.delete(`/api/auth/sessions/${session}`)).status()).toBe(200);
  await expect(page).toHaveURL(/\/log-in\?next=/);
  await page.getByLabel('Email').fill(mara.email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page).toHaveURL(new RegExp(`/inbox/${id}$`));
});

test('a wrong password is rejected', async ({ mara, visitor, console }) => {
  console.expect(/status of 401/);
  const page = await (await visitor()).open('/log-in');
  await page.getByLabel('Email').fill(mara.email);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('alert')).toContainText(/email or .*password/i);
  await expect(page).toHaveURL(/\/log-in$/);
});

test('a password that is too short has an error at its field', async ({ visitor, console }) => {
  console.expect(/status of 422/);
  const page = await (await visitor()).open('/sign-up');
  await page.getByLabel('Organization').fill('Harbour Lane');
  await page.getByLabel('Name', { exact: true }).fill('Mara Ellis');
  await page.getByLabel('Email').fill('short@example.com');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByLabel('Password')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByRole('alert')).toContainText('12 characters');
});

test('an invite link adds a colleague', async ({ mara, visitor }) => {
  const token = await mara.invite('member');
  const page = await (await visitor()).open(`/invite/${token}`);
  await expect(page.getByRole('heading', { name: 'Join Harbour Lane' })).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('Noor Haddad');
  await page.getByLabel('Email').fill(`noor.${token.slice(0, 6)}@example.com`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page).toHaveURL(/\/inbox$/);
  await expect(page.getByRole('img', { name: 'Harbour Lane' })).toBeVisible();
});

test('a link opens after log-in', async ({ mara, visitor }) => {
  const { id } = await mara.channel('dispatch');
  const page = await (await visitor()).open(`/inbox/${id}`);
  await page.getByLabel('Email').fill(mara.email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('heading', { name: 'dispatch', exact: true })).toBeVisible();
});
