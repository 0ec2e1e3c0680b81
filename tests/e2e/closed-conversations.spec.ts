// Conversations are closed and opened again, and team channels renamed, seen by two people at once.
import { seriousFaults } from './support/axe';
import { feed, goTo } from './support/conversation';
import { expect, test } from './support/test';
import type { Page } from '@playwright/test';

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });

test('a closed conversation leaves the list for everybody, and can be opened again', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const jane = await mara.contact('Jane', 'Doe');
  await mara.say(jane.channelId, 'All done');
  const page = await mara.openConversation(jane.channelId);
  const other = await noor.open('/inbox');
  await expect(list(other).getByRole('link', { name: /Jane Doe/ })).toBeVisible();
  await page.getByRole('button', { name: 'Resolve', exact: true }).first().click();
  await expect(list(page).getByRole('link', { name: /Jane Doe/ })).toHaveCount(0);
  await expect(list(other).getByRole('link', { name: /Jane Doe/ })).toHaveCount(0);
  await expect(page.getByText('Conversation resolved')).toBeVisible();

  await list(other).getByRole('button', { name: 'Resolved' }).click();
  await list(other).getByRole('link', { name: /Jane Doe/ }).click();
  await expect(feed(other).getByText('All done')).toBeVisible();
  expect(await seriousFaults(other)).toEqual([]);
  await other.getByRole('button', { name: 'Reopen conversation' }).first().click();
  await expect(list(other).getByRole('link', { name: /Jane Doe/ })).toHaveCount(0);
  await expect(list(page).getByRole('link', { name: /Jane Doe/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Resolve', exact: true }).first()).toBeVisible();
});

test('closing a conversation can be undone', async ({ mara }) => {
  const jane = await mara.contact('Jane', 'Doe');
  const page = await mara.openConversation(jane.channelId);
  await page.getByRole('button', { name: 'Resolve', exact: true }).first().click();
  await expect(list(page).getByRole('link', { name: /Jane Doe/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(list(page).getByRole('link', { name: /Jane Doe/ })).toBeVisible();
});

test('a team channel is renamed', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const channel = await mara.channel('repairs');
  const page = await mara.openConversation(channel.id);
  const other = await noor.open('/inbox');
  await goTo(other, 'repairs');
  const panel = page.getByRole('complementary', { name: 'Channel' });
  await panel.getByRole('button', { name: 'Change the name of repairs' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rename channel' });
  await dialog.getByLabel('Channel name').fill('workshop');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(dialog).toHaveCount(0);
  for (const one of [page, other]) {
    await expect(one.getByRole('heading', { level: 1, name: 'workshop' })).toBeVisible();
    await expect(list(one).getByRole('link', { name: /workshop/ })).toBeVisible();
  }
});
