// Pictures that programs name by URL: people see the preview that the server has, and nothing is loaded from elsewhere.
import type { Page, Route } from '@playwright/test';
import { feed, goTo } from './support/conversation';
import { sample } from './support/files';
import type { Person } from './support/person';
import { expect, test } from './support/test';

/** A host that does not exist (RFC 2606), so the server itself has no preview. */
const PICTURE = 'https://files.invalid/graph.png';
const PREVIEW = '/api/messages/remote-previews/00000000-0000-7000-8000-000000000000';

/** Puts a preview of 600 × 300 pixels into what the server says of messages. */
async function withPreview(page: Page): Promise<void> {
  type Message = { remoteFiles?: { preview?: object }[] };
  const change = async (route: Route) => {
    const response = await route.fetch();
    const body = (await response.json()) as Message & { feed?: { messages: Message[] } };
    for (const file of (body.feed?.messages ?? [body]).flatMap(({ remoteFiles }) => remoteFiles ?? [])) {
      file.preview = { url: PREVIEW, width: 600, height: 300 };
    }
    await route.fulfill({ response, json: body });
  };
  await page.route(/\/api\/conversations\/[^/?]+\?/, change);
  await page.route(/\/api\/messages\/[0-9a-f-]{36}$/, change);
  await page.route(`**${PREVIEW}`, (route) => route.fulfill({ contentType: 'image/jpeg', body: sample('IMG_0231.jpg').bytes }));
}

async function post(mara: Person, channel: string): Promise<void> {
  const { secret } = await mara.post<{ secret: string }>('/api/access-tokens', { name: 'CI', scopes: ['messages:write'] });
  const sent = await mara.context.request.post('/api/v1/messages', {
    headers: { authorization: `Bearer ${secret}` },
    data: { bucketId: channel, title: 'Build 512', imageUrl: PICTURE },
  });
  expect(sent.status(), await sent.text()).toBe(201);
}

for (const kind of ['a channel', 'a bucket']) {
  test(`a picture elsewhere shows its preview in ${kind}, and opens where it is`, async ({ mara }) => {
    const { id } = kind === 'a bucket' ? await mara.post<{ id: string }>('/api/buckets', { name: 'deploys' }) : await mara.channel('deploys');
    await mara.channel('other');
    await post(mara, id);
    const page = await mara.open('/inbox');
    const elsewhere: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('files.invalid')) elsewhere.push(request.url());
    });
    await withPreview(page);
    await goTo(page, 'deploys');
    const picture = feed(page).locator('.remote-picture');
    await expect(picture).toHaveAttribute('href', PICTURE);
    await expect(picture).toHaveAttribute('rel', /noreferrer/);
    await expect.poll(() => picture.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    const box = (await picture.boundingBox())!;
    expect(Math.round(box.width / box.height)).toBe(2);
    await expect(feed(page).getByText('at files.invalid')).toBeVisible();
    expect(elsewhere, 'nothing is loaded from there').toEqual([]);
  });
}
