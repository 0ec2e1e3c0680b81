// Deleting: asked once, gone live for everybody, taken back.
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { feed } from './support/conversation';
import { sample } from './support/files';
import { expect, test } from './support/test';

const tombstones = (page: Page): Locator => feed(page).locator('[data-component=Tombstone]');

async function deleteFile(page: Page, name: string): Promise<void> {
  const more = feed(page).getByRole('button', { name: `More for ${name}` });
  await more.hover();
  await more.click();
  await page.getByRole('group', { name: `More for ${name}` }).getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: `Delete ${name}?` });
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(dialog).toHaveCount(0);
}

test('a deleted file is a tombstone for everyone at once, and Undo restores it', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Two', [sample('IMG_0231.jpg'), sample('IMG_0236.jpg')]);
  const noor = await colleague('Noor Haddad');
  const [maras, noors] = [await mara.openConversation(id), await noor.openConversation(id)];
  const tile = feed(noors).getByRole('button', { name: 'Open IMG_0231.jpg' });
  await expect(tile).toBeVisible();
  await feed(noors).getByRole('button', { name: 'More for IMG_0231.jpg' }).click();
  const menu = noors.getByRole('group', { name: 'More for IMG_0231.jpg' });
  await expect(menu.getByRole('button', { name: 'Share' })).toBeVisible();
  await expect(menu.getByRole('button', { name: 'Delete' }), 'not hers to delete').toHaveCount(0);
  await noors.keyboard.press('Escape');

  await deleteFile(maras, 'IMG_0231.jpg');
  for (const page of [maras, noors]) {
    await expect(tombstones(page)).toHaveText(/IMG_0231\.jpg was deleted by Mara Ellis, just now/);
    await expect(feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' })).toHaveCount(0);
    await expect(feed(page).getByRole('button', { name: 'Open IMG_0236.jpg' })).toBeVisible();
  }
  await maras.getByRole('button', { name: 'Undo' }).click();
  for (const page of [maras, noors]) {
    await expect(feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' })).toBeVisible();
    await expect(tombstones(page)).toHaveCount(0);
  }
});

test('Keep keeps the file, and the focus returns to its menu', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, '', [sample('service-report.pdf')]);
  const page = await mara.openConversation(id);
  const more = feed(page).getByRole('button', { name: 'More for service-report.pdf' });
  await more.press('Enter');
  await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(more).toBeFocused();
  await expect(tombstones(page)).toHaveCount(0);
});

test('deleting a picture closes it for viewers', async ({ mara, colleague, console }) => {
  // Its picture may still be on its way.
  console.expect(/status of 404/);
  const { id } = await mara.channel('dispatch');
  const { attachments } = await mara.sayWith(id, 'One', [sample('IMG_0231.jpg')]);
  const noor = await colleague('Noor Haddad');
  const page = await noor.openConversation(id);
  await feed(page).getByRole('button', { name: 'Open IMG_0231.jpg' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await mara.context.request.delete(`/api/attachments/${attachments[0]!.id}`);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(tombstones(page)).toHaveCount(1);
});

test('a deleted message is empty, and its author restores it', async ({ mara, colleague }) => {
  const { id } = await mara.channel('dispatch');
  await mara.say(id, 'Hello');
  const noor = await colleague('Noor Haddad');
  await noor.sayWith(id, 'The wrong report', [sample('service-report.pdf')]);
  const [maras, noors] = [await mara.openConversation(id), await noor.openConversation(id)];
  const row = feed(noors).getByRole('article').filter({ hasText: 'The wrong report' });
  await row.hover();
  await row.getByRole('button', { name: 'Delete the message' }).click();
  const dialog = noors.getByRole('dialog', { name: 'Delete this message?' });
  await expect(dialog.getByRole('listitem')).toContainText('report.pdf');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  for (const page of [maras, noors]) {
    await expect(tombstones(page)).toHaveText(/This message was deleted by Noor Haddad, just now/);
    await expect(feed(page)).not.toContainText('The wrong report');
  }
  await noors.getByRole('button', { name: 'Undo' }).click();
  for (const page of [maras, noors]) {
    await expect(feed(page).getByText('The wrong report')).toBeVisible();
  }
  // An admin deletes what others wrote, and restores it from the row itself.
  const theirs = feed(maras).getByRole('article').filter({ hasText: 'The wrong report' });
  await theirs.hover();
  await theirs.getByRole('button', { name: 'Delete the message' }).click();
  await maras.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(tombstones(noors)).toHaveText(/deleted by Mara Ellis/);
  await tombstones(maras).hover();
  await feed(maras).getByRole('button', { name: 'Restore the message' }).click();
  await expect(feed(noors).getByText('The wrong report')).toBeVisible();
  await expect(feed(noors).getByRole('button', { name: 'Restore the message' })).toHaveCount(0);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test('the menu of a file works by touch', async ({ mara, browser, contextOptions }) => {
    const { id } = await mara.channel('dispatch');
    await mara.sayWith(id, 'Some', [sample('IMG_0231.jpg'), sample('service-report.pdf')]);
    await mara.say(id, 'And a line more');
    const phone = await mara.elsewhere(browser, {
      ...contextOptions, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true,
    });
    const page = await phone.openConversation(id);
    await expect(feed(page).getByRole('button', { name: 'More for IMG_0231.jpg' })).toBeVisible();
    await feed(page).getByRole('button', { name: 'More for service-report.pdf' }).tap();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ help, nodes }) => `${help}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
    await page.getByRole('button', { name: 'Delete', exact: true }).tap();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).tap();
    await expect(tombstones(page)).toHaveText(/service-report\.pdf was deleted by Mara Ellis/);
    const line = feed(page).getByRole('article').filter({ hasText: 'And a line more' });
    await line.getByRole('button', { name: 'More', exact: true }).tap();
    await line.getByRole('button', { name: 'Delete the message' }).tap();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).tap();
    await expect(tombstones(page)).toHaveCount(2);
    await phone.context.close();
  });
});
