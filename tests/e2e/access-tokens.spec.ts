// Access tokens in the settings: made with a name, scopes, an end and a bucket; shown once; listed with their last use; revoked.
import type { Page } from '@playwright/test';
import { seriousFaults } from './support/axe';
import type { Person } from './support/person';
import { expect, test } from './support/test';

const dialog = (page: Page) => page.getByRole('dialog', { name: 'New access token' });
const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

/** What a program with this token is answered. */
async function post(person: Person, secret: string, bucketId: string): Promise<number> {
  const response = await fetch(`${person.base}/api/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ bucketId, title: 'Ring' }),
  });
  return response.status;
}

test('a token is created, shown once, used, marked as used, and revoked', async ({ mara, console }) => {
  console.expect(/status of 404/);
  await mara.post('/api/buckets', { name: 'Door camera' });
  await mara.channel('general');
  const page = await mara.open('/settings/access-tokens');
  await expect(page.getByText('No access tokens')).toBeVisible();
  await page.getByRole('button', { name: 'New token' }).click();
  expect(await seriousFaults(page)).toEqual([]);
  await dialog(page).getByLabel('Name').fill('front-door');
  await expect(dialog(page).getByLabel('Send, edit and delete messages')).toBeChecked();
  await dialog(page).getByLabel('Upload files').check();
  await dialog(page).getByLabel('Restrict to').fill('Nowhere');
  await dialog(page).getByLabel('Expires after').selectOption({ label: '30 days' });
  await dialog(page).getByRole('button', { name: 'Create token' }).click();
  await expect(dialog(page).getByText(/No such/)).toBeVisible();
  await dialog(page).getByLabel('Restrict to').fill('Door camera');
  await dialog(page).getByRole('button', { name: 'Create token' }).click();
  await expect(dialog(page)).toHaveCount(0);

  const made = page.getByRole('status').filter({ hasText: 'front-door is ready.' });
  const secret = (await made.getByText(/^zat_/).textContent())!.trim();
  expect(secret.length).toBeGreaterThan(30);
  const token = row(page, 'front-door');
  await expect(token).toContainText(`${secret.slice(0, 9)}`);
  await expect(token).toContainText('messages:write');
  await expect(token).toContainText('attachments:write');
  await expect(token).not.toContainText('messages:read');
  await expect(token).toContainText('Restricted to: Door camera');
  await expect(token.getByRole('cell').nth(3)).toHaveText('Never');
  const [listed] = await mara.get<{ expiresAt: string }[]>('/api/access-tokens');
  const days = (Date.parse(listed!.expiresAt) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(29.9);
  expect(days).toBeLessThan(30.1);
  expect(await seriousFaults(page)).toEqual([]);

  // It opens what it is for and nothing else.
  expect(await post(mara, secret, 'Door camera')).toBe(201);
  expect(await post(mara, secret, 'general')).toBe(404);

  // Shown once: the page does not have it any more, and neither has the server.
  await page.reload();
  await expect(token).toBeVisible();
  await expect(page.getByText(secret)).toHaveCount(0);
  expect(await page.content()).not.toContain(secret);
  await expect(token.getByRole('cell').nth(3)).not.toHaveText('Never');

  await token.getByRole('button', { name: 'Revoke front-door' }).click();
  const asked = page.getByRole('dialog', { name: 'Revoke front-door?' });
  await asked.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('No access tokens')).toBeVisible();
  expect(await post(mara, secret, 'Door camera')).toBe(401);
});

test('an expired token says so, and is rejected', async ({ mara }) => {
  const body = { name: 'old', scopes: ['messages:write'], expiresAt: new Date(Date.now() + 1500).toISOString() };
  const { secret } = await mara.post<{ secret: string }>('/api/access-tokens', body);
  await expect.poll(() => post(mara, secret, 'nowhere')).toBe(401);
  const page = await mara.open('/settings/access-tokens');
  await expect(row(page, 'old').getByText('Expired')).toBeVisible();
});

test('the API reference is read without a mouse and without a fault, in both themes, on a desk and on a phone', async ({ mara }) => {
  const page = await mara.open('/api/docs');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  // A long page: each look at all of it takes seconds, and many on a busy machine. In dark only the colors differ.
  test.slow();
  for (const [colorScheme, width, what] of [['light', 1440, 'all'], ['dark', 360, 'colors']] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    expect(await seriousFaults(page, what)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
  await page.getByRole('link', { name: 'POST /api/v1/messages', exact: true }).click();
  await expect(page).toHaveURL(/#create_message$/);
  await expect(page.getByText('"title": "Build 512 is out"').first()).toBeVisible();
});
