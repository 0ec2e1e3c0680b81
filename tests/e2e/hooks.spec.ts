// Incoming URLs in the panel of a bucket: created, shown once, used by other programs, given a template, revoked.
import type { Page } from '@playwright/test';
import { seriousFaults } from './support/axe';
import { feed } from './support/conversation';
import type { Person } from './support/person';
import { expect, test } from './support/test';

const panel = (page: Page) => page.getByRole('complementary', { name: 'Bucket' });
const urls = (page: Page) => panel(page).locator('[data-component="IncomingUrls"]');
const editDialog = (page: Page) => page.getByRole('dialog', { name: 'Edit incoming URL' });

async function bucket(person: Person, name: string): Promise<string> {
  return (await person.post<{ id: string }>('/api/buckets', { name })).id;
}

/** Posts JSON as a program does. */
function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

test('a URL is created, shown once, and posts live; it is revoked', async ({ mara }) => {
  const page = await mara.open(`/inbox/${await bucket(mara, 'Deploys')}`);
  await urls(page).getByRole('button', { name: 'New URL' }).click();
  const dialog = page.getByRole('dialog', { name: 'New incoming URL' });
  await dialog.getByLabel('Name').fill('CI');
  expect(await seriousFaults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Create URL' }).click();
  const url = (await dialog.getByText(/\/api\/hooks\/zah_/).textContent())!.trim();
  expect(url.startsWith(`${mara.base}/api/hooks/`)).toBe(true);
  expect(await seriousFaults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(urls(page).getByText('Never used')).toBeVisible();
  await expect(page.getByText(url)).toHaveCount(0);

  const answer = await post(url, { text: 'Build <https://example.com/512|512> is out' });
  expect([answer.status, await answer.text()]).toEqual([200, 'ok']);
  await expect(feed(page).getByText('Build 512 (https://example.com/512) is out')).toBeVisible();
  await expect(feed(page).getByText('CI', { exact: true })).toBeVisible();

  await urls(page).getByRole('button', { name: 'Edit CI' }).click();
  await editDialog(page).getByRole('button', { name: 'Revoke' }).click();
  const confirmation = page.getByRole('dialog', { name: 'Revoke CI?' });
  await confirmation.getByRole('button', { name: 'Revoke' }).click();
  await expect(urls(page).getByRole('button', { name: 'Edit CI' })).toHaveCount(0);
  expect((await post(url, { text: 'late' })).status).toBe(404);
});

test('a rejected request is shown, and a template reads the next one', async ({ mara, console }) => {
  console.expect(/status of 4(00|22)/);
  const id = await bucket(mara, 'Builds');
  const { url } = await mara.post<{ url: string }>(`/api/buckets/${id}/hooks`, { name: 'Builder' });
  const build = { build: { number: 512, status: 'passed' } };
  expect((await post(url, build)).status).toBe(422);
  const page = await mara.open(`/inbox/${id}`);
  await urls(page).getByRole('button', { name: 'Edit Builder. A request was rejected.' }).click();
  const dialog = editDialog(page);
  await expect(dialog.locator('[data-component="HookFailure"]')).toContainText('known formats');
  await expect(dialog.locator('[data-component="HookFailure"]')).toContainText('"number":512');
  expect(await seriousFaults(page)).toEqual([]);

  await dialog.getByLabel('Title').fill('Build {{build.number}');
  await dialog.getByLabel('Try it with a JSON body').fill(JSON.stringify(build));
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await expect(dialog.getByText(/A placeholder has no end/)).toBeVisible();
  await dialog.getByLabel('Title').fill('Build {{build.number}}');
  await dialog.getByLabel('Text').fill('It {{build.status}}.');
  await dialog.getByRole('button', { name: 'Preview' }).click();
  const preview = dialog.locator('[data-component="HookPreview"]');
  await expect(preview).toContainText('Build 512');
  await expect(preview).toContainText('It passed.');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toHaveCount(0);

  expect((await post(url, build)).status).toBe(200);
  const message = page.getByRole('article', { name: /^Build 512/ });
  await expect(message).toContainText('It passed.');
  await urls(page).getByRole('button', { name: /^Edit Builder/ }).click();
  await expect(dialog.getByLabel('Title')).toHaveValue('Build {{build.number}}');
});

test('an alert that fires is critical for the others at once', async ({ mara, colleague }) => {
  const id = await bucket(mara, 'Alarms');
  const { url } = await mara.post<{ url: string }>(`/api/buckets/${id}/hooks`, { name: 'Alertmanager' });
  const noor = await colleague('Noor Haddad');
  const theirs = await noor.open('/inbox');
  await expect(theirs.getByRole('complementary', { name: 'Conversations' }).getByRole('link', { name: 'Alarms' })).toBeVisible();
  const labels = { alertname: 'Disk', severity: 'critical', instance: 'db1' };
  const alert = { status: 'firing', labels, annotations: { summary: '99 % used' } };
  const body = { version: '4', groupKey: 'disk', status: 'firing', receiver: 'attache', alerts: [alert] };
  expect((await post(url, body)).status).toBe(200);
  await expect(theirs.getByLabel('1 critical, 1 unread')).toBeVisible();
});

for (const scheme of ['light', 'dark'] as const) {
  test(`on a phone the section and its dialogs fit, ${scheme}`, async ({ mara, console }) => {
    console.expect(/status of 422/);
    const id = await bucket(mara, 'Deploys');
    const { url } = await mara.post<{ url: string }>(`/api/buckets/${id}/hooks`, { name: 'A name that is rather long for a phone' });
    await post(url, { unknown: 'x'.repeat(2000) });
    const page = await mara.open('/inbox');
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(`/inbox/${id}?panel=open`);
    await expect(urls(page).getByRole('button', { name: /^Edit A name/ })).toBeVisible();
    await urls(page).getByRole('button', { name: /^Edit A name/ }).click();
    await expect(editDialog(page)).toBeVisible();
    expect(await seriousFaults(page)).toEqual([]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(360);
    const inside = await editDialog(page).evaluate((dialog) => dialog.scrollWidth <= dialog.clientWidth);
    expect(inside).toBe(true);
  });
}

test('members who may not manage buckets see no URLs', async ({ mara, colleague }) => {
  const id = await bucket(mara, 'Deploys');
  const role = { role: 'member', permissions: ['Channel:View', 'Message:Send'] };
  expect((await mara.context.request.patch('/api/roles', { data: role })).status()).toBe(200);
  const noor = await colleague('Noor Haddad');
  const theirs = await noor.open(`/inbox/${id}`);
  await expect(panel(theirs).getByText('Post with curl')).toBeVisible();
  await expect(urls(theirs)).toHaveCount(0);
});
