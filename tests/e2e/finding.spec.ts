// Finding a conversation in the list, and who is assigned to its contact.
import type { Page } from '@playwright/test';
import { expect, test } from './support/test';

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });

test('the search shows the conversations that match a name or a phone', async ({ mara }) => {
  await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  await mara.contact('Bob');
  await mara.channel('general');
  const { id } = await mara.channel('janitors');
  const page = await mara.openConversation(id);
  const names = list(page).locator('[data-component=ConversationRow]');
  const button = list(page).getByRole('button', { name: 'Search all conversations' });
  await button.click();
  const field = list(page).getByRole('searchbox', { name: 'Name, phone or words' });
  await expect(field).toBeFocused();
  await field.fill('JAN');
  await expect(names).toHaveCount(2);
  await expect(names.filter({ hasText: 'Jane Doe' })).toBeVisible();
  await expect(names.filter({ hasText: 'janitors' })).toBeVisible();
  await field.fill('555 1234567');
  await expect(names).toHaveCount(1);
  await expect(names).toContainText('Jane Doe');
  await field.fill('nobody at all');
  await expect(list(page).getByText('No matching conversations.')).toBeVisible();
  await field.press('Escape');
  await expect(field).toHaveCount(0);
  await expect(button).toBeFocused();
  await expect(names).toHaveCount(4);
});

test('the search finds messages in any conversation', async ({ mara, colleague }) => {
  const jane = await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  const team = await mara.channel('general');
  const secret = await mara.channel('board', true);
  await mara.say(jane.channelId, 'The siphon drips');
  for (let number = 0; number < 60; number += 1) await mara.say(jane.channelId, `Further news ${number}`);
  await mara.say(team.id, 'Who orders a siphon?');
  await mara.say(secret.id, 'The siphon is too expensive');
  const page = await mara.openConversation(team.id);
  await list(page).getByRole('button', { name: 'Search all conversations' }).click();
  const field = list(page).getByRole('searchbox', { name: 'Name, phone or words' });
  await field.fill('SIPHON');
  const hits = list(page).getByRole('list', { name: 'Messages found' }).getByRole('link');
  await expect(hits).toHaveCount(3);
  await expect(hits.nth(0)).toContainText('#board');
  await hits.nth(2).click();
  await expect(page).toHaveURL(new RegExp(jane.channelId));
  await expect(page.getByRole('log').getByText('The siphon drips')).toBeInViewport();
  await expect(hits.nth(2)).toHaveAttribute('aria-current', 'page');
  await field.fill('no such words');
  await expect(list(page).getByText('No matching messages or files.')).toBeVisible();

  const theirs = await (await colleague('Tom Okafor')).open('/inbox');
  await list(theirs).getByRole('button', { name: 'Search all conversations' }).click();
  await list(theirs).getByRole('searchbox', { name: 'Name, phone or words' }).fill('siphon');
  await expect(list(theirs).getByRole('list', { name: 'Messages found' }).getByRole('link')).toHaveCount(2);
});

test('the header shows the assigned members and opens the choice', async ({ mara, colleague }) => {
  const jane = await mara.contact('Jane', 'Doe');
  const tom = await colleague('Tom Okafor');
  const page = await mara.openConversation(jane.channelId);
  const panel = page.getByRole('complementary', { name: 'Contact' });
  await page.getByRole('button', { name: 'Hide details' }).click();
  await expect(panel).toBeHidden();
  await page.getByRole('button', { name: 'Assigned to no one, change' }).click();
  await expect(panel).toBeVisible();
  await expect(panel.getByRole('checkbox').first()).toBeFocused();
  await panel.getByRole('checkbox', { name: tom.name }).check();
  await expect(page.getByRole('button', { name: 'Assigned to Tom Okafor, change' })).toBeVisible();
  await panel.getByRole('button', { name: 'Done' }).click();
  await expect(panel.getByRole('checkbox')).toHaveCount(0);

  const theirs = await tom.open(`/inbox/${jane.channelId}`);
  await theirs.getByRole('button', { name: 'Assigned to me' }).click();
  await expect(list(theirs).locator('[data-component=ConversationRow]')).toHaveText(/Jane Doe/);
});

test('a team channel has nobody to assign', async ({ mara }) => {
  const { id } = await mara.channel('general');
  const page = await mara.openConversation(id);
  await expect(page.getByRole('button', { name: /^Assigned to/ })).toHaveText(['Assigned to me']);
});

test('a conversation is searched, and a hit opens its message', async ({ mara }) => {
  const { id } = await mara.channel('general');
  await mara.say(id, 'The siphon under the sink drips');
  for (let number = 0; number < 60; number += 1) await mara.say(id, `Further news ${number}`);
  const page = await mara.openConversation(id);
  const button = page.getByRole('button', { name: 'Search in this conversation' });
  await button.click();
  const panel = page.getByRole('region', { name: 'Search in this conversation' });
  const field = panel.getByRole('searchbox', { name: 'Words or file name' });
  await expect(field).toBeFocused();
  await field.fill('SIPHON');
  const hits = panel.getByRole('list', { name: 'Messages found' }).getByRole('link');
  await expect(hits).toHaveCount(1);
  await expect(hits.locator('mark')).toHaveText('siphon');
  await hits.click();
  await expect(page.getByRole('log').getByText('The siphon under the sink drips')).toBeInViewport();
  await expect(hits).toHaveAttribute('aria-current', 'page');
  await field.fill('no such words');
  await expect(panel.getByRole('heading', { name: 'No matches' })).toBeVisible();
  await field.press('Escape');
  await expect(panel).toHaveCount(0);
  await expect(button).toBeFocused();
});
