// Two at once: what is new for one is counted for the other.
import type { Page } from '@playwright/test';
import { feed, send } from './support/conversation';
import { expect, test } from './support/test';

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });

const rail = (page: Page) => page.getByRole('navigation', { name: 'Main' });

test('what comes in is counted in the list and in the rail until it is opened', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  const theirs = await noor.open('/inbox');
  await expect(list(theirs).getByRole('link', { name: 'dispatch' })).toBeVisible();
  const page = await mara.openConversation(id);
  await send(page, 'The van is loaded');
  await expect(list(theirs).getByLabel('1 unread')).toBeVisible();
  await expect(rail(theirs).getByLabel('1 unread')).toBeVisible();
  await send(page, 'Two parcels are left');
  await expect(list(theirs).getByLabel('2 unread')).toBeVisible();
  await expect(rail(theirs).getByLabel('2 unread')).toBeVisible();
  await expect(list(page).getByLabel(/unread/), 'nothing for who wrote it').toHaveCount(0);

  await list(theirs).getByRole('link', { name: 'dispatch' }).click();
  await expect(feed(theirs).getByText('Two parcels are left')).toBeVisible();
  await expect(theirs.getByLabel(/unread/)).toHaveCount(0);
  await theirs.reload();
  await expect(feed(theirs).getByText('Two parcels are left')).toBeVisible();
  await expect(theirs.getByLabel(/unread/)).toHaveCount(0);
});

test('the line "New" stands above the first message that was not read', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  const read = await mara.say(id, 'Read');
  await noor.post(`/api/channels/${id}/read`, { messageId: read.id });
  await mara.say(id, 'Not read');
  await mara.say(id, 'Not read either');
  const page = await noor.openConversation(id);
  const divider = feed(page).getByRole('separator').filter({ hasText: 'New' });
  await expect(divider).toHaveCount(1);
  await expect(divider.locator('xpath=following-sibling::article[1]')).toContainText('Not read');
  await expect(divider.locator('xpath=preceding-sibling::article[1]')).toContainText('Read');
});

test('who reads further up is told of new messages and led to them', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  for (let number = 1; number <= 40; number += 1) {
    await mara.say(id, `Stop ${number}`);
  }
  const page = await noor.openConversation(id);
  const pill = page.locator('[data-component=NewMessagesPill]');
  await expect(pill).toBeHidden();
  await feed(page).hover();
  await page.mouse.wheel(0, -600);
  await expect(feed(page).getByText('Stop 40', { exact: true })).not.toBeInViewport();
  await mara.say(id, 'One more stop');
  await expect(pill).toBeVisible();
  await expect(pill).toHaveText('1 new message');
  await expect(feed(page).getByText('One more stop')).not.toBeInViewport();
  await pill.click();
  await expect(feed(page).getByText('One more stop')).toBeInViewport();
  await expect(pill).toBeHidden();

  await mara.say(id, 'And another');
  await expect(feed(page).getByText('And another'), 'at the bottom it sticks').toBeInViewport();
});
