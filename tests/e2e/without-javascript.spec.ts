// Before the browser's code arrives, or without it, what was said can be read.
import type { Page } from '@playwright/test';
import { feed } from './support/conversation';
import { sample } from './support/files';
import type { Person } from './support/person';
import { expect, test } from './support/test';

/** A page as the server sends it. */
async function read(person: Person, path: string): Promise<Page> {
  const page = await person.context.newPage();
  await page.goto(path);
  return page;
}

test('the feed and its pictures work without JavaScript', async ({ mara, browser }) => {
  const jane = await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  await mara.sayWith(jane.channelId, 'The kitchen, as promised.', [sample('IMG_0231.jpg'), sample('service-report.pdf')]);
  const reader = await mara.elsewhere(browser, { javaScriptEnabled: false });
  const page = await read(reader, `/inbox/${jane.channelId}`);
  await expect(page).toHaveTitle(/Jane Doe/);
  const entry = feed(page).getByRole('article');
  await expect(entry).toContainText('The kitchen, as promised.');
  const picture = entry.getByRole('img', { name: 'IMG_0231.jpg' });
  await expect(picture).toBeVisible();
  const source = await picture.getAttribute('src');
  expect((await reader.context.request.get(source ?? '')).headers()['content-type']).toBe('image/jpeg');
  await expect(entry.getByRole('link', { name: 'Download service-report.pdf' })).toBeVisible();
  await expect(page.getByRole('complementary', { name: 'Conversations' }).getByRole('link', { name: /Jane Doe/ })).toBeVisible();
  await reader.context.close();
});

test('the log-in page requires JavaScript and says so', async ({ mara: _mara, visitor }) => {
  const note = (page: Page) => page.getByText('Attaché needs JavaScript. Allow it for this site, then reload the page.');
  await expect(note(await (await visitor()).open('/log-in'))).toBeHidden();
  const without = await visitor({ javaScriptEnabled: false });
  await expect(note(await read(without, '/log-in'))).toBeVisible();
  await without.context.close();
});
