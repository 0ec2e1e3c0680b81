// A bucket in the app: made by a person, fed by a program, read by the team.
import type { Page } from '@playwright/test';
import { sample } from './support/files';
import type { Person } from './support/person';
import { expect, test } from './support/test';

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });
const panel = (page: Page) => page.getByRole('complementary', { name: 'Bucket' });

/** Posts as a program does. */
async function program(person: Person): Promise<(message: object) => Promise<void>> {
  const body = { name: 'front-door', scopes: ['messages:write'] };
  const { secret } = await person.post<{ secret: string }>('/api/access-tokens', body);
  return async (message) => {
    const response = await fetch(`${person.base}/api/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(message),
    });
    expect(response.status, await response.text()).toBe(201);
  };
}

test('a bucket is created, posted to and read', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const theirs = await noor.open('/inbox');
  const page = await mara.open('/inbox');
  await list(page).getByRole('link', { name: 'Add a bucket' }).click();
  await expect(page.getByRole('heading', { name: 'New bucket' })).toBeVisible();
  await page.getByLabel('Name').fill('Door camera');
  // Forced, for the swatch lies over it; so it is not waited for until it can be chosen.
  await expect(page.getByRole('radio', { name: 'teal' })).toBeEnabled();
  await page.getByRole('radio', { name: 'teal' }).check({ force: true });
  await page.getByRole('button', { name: 'Create bucket' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Door camera' })).toBeVisible();
  await expect(page.getByText('Only programs can post here')).toBeVisible();
  await expect(list(theirs).getByRole('link', { name: 'Door camera' })).toBeVisible();

  const post = await program(mara);
  await post({ bucketId: 'Door camera', title: 'Night mode on', deliveryType: 'SILENT' });
  await post({ bucketId: 'Door camera', title: 'Side door opened', body: 'No code was entered.', deliveryType: 'CRITICAL' });
  await post({ bucketId: 'Door camera', title: 'Person at the door', subtitle: 'Front', body: 'Seen for 12 seconds.' });
  await expect(list(theirs).getByLabel('1 critical, 3 unread')).toBeVisible();
  const critical = page.getByRole('article', { name: /^Side door opened/ });
  await expect(critical.getByText('Critical')).toBeVisible();
  await expect(critical).toHaveAttribute('data-delivery', 'critical');
  await expect(page.getByRole('article', { name: /^Night mode on/ }).getByText('Silent')).toBeVisible();
  const normal = page.getByRole('article', { name: /^Person at the door/ });
  await expect(normal.getByText('Front', { exact: true })).toBeVisible();
  await expect(normal.getByText('front-door')).toBeVisible();

  await list(theirs).getByRole('link', { name: 'Door camera' }).click();
  await expect(theirs.getByRole('article')).toHaveCount(3);
  await expect(theirs.getByLabel(/unread/)).toHaveCount(0);
});

test('the panel shows how to post and who posts; a bucket is changed and deleted', async ({ mara }) => {
  const { id } = await mara.post<{ id: string }>('/api/buckets', { name: "Mara's door", publicDownloads: true });
  const post = await program(mara);
  await post({ bucketId: id, title: 'Ring' });
  const page = await mara.open(`/inbox/${id}`);
  await expect(panel(page).getByText(`curl ${mara.base}/api/v1/messages/with-attachment`)).toBeVisible();
  await expect(panel(page).getByText("Mara'\\''s door")).toBeVisible();
  await expect(panel(page).getByText('front-door')).toBeVisible();

  await panel(page).getByRole('switch', { name: /Public files/ }).click();
  await expect.poll(async () => {
    const { bucket } = await mara.get<{ bucket: { publicFiles: boolean } }>(`/api/channels/${id}`);
    return bucket.publicFiles;
  }).toBe(false);

  await panel(page).getByRole('link', { name: "Edit Mara's door" }).click();
  await page.getByLabel('Name').fill('Boiler');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Boiler' })).toBeVisible();
  await panel(page).getByRole('link', { name: 'Edit Boiler' }).click();
  await page.getByRole('button', { name: 'Delete bucket' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete bucket' }).click();
  await expect(page).toHaveURL(/\/inbox$/);
  await expect(list(page).getByRole('link', { name: 'Boiler' })).toHaveCount(0);
});

test('a picture is set as the icon and removed; the panel links to the tokens', async ({ mara }) => {
  const page = await mara.open('/buckets/new');
  await expect(page.getByRole('button', { name: 'Upload picture' })).toBeEnabled();
  await page.getByLabel('Name').fill('Door camera');
  const photo = sample('IMG_0231.jpg');
  const picture = { name: photo.name, mimeType: 'image/jpeg', buffer: photo.bytes };
  await page.getByLabel('Picture', { exact: true }).setInputFiles(picture);
  await page.getByRole('switch', { name: /Public files/ }).check();
  const field = page.locator('[data-component=IconField]');
  await expect(field.locator('img')).toHaveAttribute('src', /^blob:/);
  await page.getByRole('button', { name: 'Create bucket' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Door camera' })).toBeVisible();
  const [made] = (await mara.get<{ id: string; bucket: { icon?: string } }[]>('/api/conversations?kind=bucket'));
  const icon = await fetch(`${mara.base}/api/v1/buckets/${made!.id}/icon`);
  expect(icon.headers.get('content-type')).toBe('image/webp');
  await expect(panel(page).locator('.panel-id img')).toHaveAttribute('src', new RegExp(made!.bucket.icon!));

  const post = await program(mara);
  await post({ bucketId: made!.id, title: 'Ring' });
  await expect(panel(page).getByRole('link', { name: 'Manage access tokens' })).toHaveAttribute('href', '/settings/access-tokens');
  await panel(page).getByRole('link', { name: 'Edit Door camera' }).click();
  await page.getByRole('button', { name: 'Use default icon' }).click();
  await expect(field.locator('img')).toHaveCount(0);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Door camera' })).toBeVisible();
  const drawn = await fetch(`${mara.base}/api/v1/buckets/${made!.id}/icon`);
  expect(drawn.headers.get('content-type')).toBe('image/svg+xml');
});
