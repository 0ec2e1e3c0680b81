// What stands beside a conversation: the list with what was not sent, the ways to begin a conversation, the files in the panel.
import { chips, dropTarget, feed, goTo, sendButton, textField } from './support/conversation';
import { Downloads } from './support/downloads';
import { drop, sample } from './support/files';
import { holdPuts } from './support/parts';
import { expect, test } from './support/test';
import { unzip } from './support/zip';

test("the preview in the list names its author", async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const jane = await mara.contact('Jane', 'Doe');
  await mara.say(jane.channelId, 'Good morning');
  const page = await mara.openConversation(jane.channelId);
  const row = page.getByRole('complementary', { name: 'Conversations' }).getByRole('link', { name: /Jane Doe/ });
  await expect(row).toContainText('You: Good morning');
  await noor.say(jane.channelId, 'I am on my way');
  await expect(row).toContainText('Noor: I am on my way');
  await noor.sayWith(jane.channelId, '', [sample('IMG_0231.jpg')]);
  await expect(row).toContainText('Noor: Photo');
});

test('the list shows unsent and failed messages', async ({ mara, console }) => {
  console.expect(/Failed to load resource|ERR_FAILED/);
  const jane = await mara.contact('Jane', 'Doe');
  await mara.channel('repairs');
  await mara.say(jane.channelId, 'Good morning');
  const page = await mara.openConversation(jane.channelId);
  const list = page.getByRole('complementary', { name: 'Conversations' });
  const row = list.getByRole('link', { name: /Jane Doe/ });
  await expect(row).toContainText('You: Good morning');
  const release = await holdPuts(page);
  await drop(dropTarget(page), [sample('service-report.pdf')]);
  await expect(chips(page)).toHaveCount(1);
  await textField(page).fill('The report');
  await sendButton(page).click();
  await expect(row).toContainText('Not sent yet');
  await expect(row).not.toContainText('Good morning');
  await goTo(page, 'repairs');
  await expect(row).toContainText('Not sent yet');
  // The server takes the file, and refuses the message.
  await page.route('**/api/channels/*/messages', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 409, json: { message: 'Not now.', code: 409, data: { kind: 'conflict' } } })
      : route.fallback(),
  );
  await release();
  await expect(row).toContainText(/Not sent$/);
  await page.unroute('**/api/channels/*/messages');
  await row.click();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(feed(page).getByText('The report')).toBeVisible();
  await expect(row).not.toContainText('Not sent');
});

test('conversations are created from the head of the list, by permission', async ({ mara, colleague }) => {
  const page = await mara.open('/inbox');
  const pen = page.getByRole('button', { name: 'New conversation' });
  await pen.click();
  const menu = page.getByRole('group', { name: 'New conversation' });
  await expect(menu.getByRole('button')).toHaveText(['Write to a contact', 'New contact', 'New channel', 'New bucket']);
  await menu.getByRole('button', { name: 'New channel' }).click();
  const dialog = page.getByRole('dialog', { name: 'New channel' });
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await pen.click();
  await menu.getByRole('button', { name: 'New contact' }).click();
  await expect(page).toHaveURL(/\/contacts\/new$/);
  await page.goBack();
  await pen.click();
  await menu.getByRole('button', { name: 'Write to a contact' }).click();
  await expect(page).toHaveURL(/\/contacts$/);
  const gus = await colleague('Gus Guest', 'guest');
  const theirs = await gus.open('/inbox');
  await theirs.getByRole('button', { name: 'New conversation' }).click();
  await expect(theirs.getByRole('group', { name: 'New conversation' }).getByRole('button')).toHaveText(['Write to a contact']);
});

test('the panel counts the files and saves them all', async ({ mara }, info) => {
  const jane = await mara.contact('Jane', 'Doe', '5551234');
  const page = await mara.openConversation(jane.channelId);
  const files = page.locator('[data-component=ContactFiles]');
  await expect(files.getByRole('heading')).toContainText('Files0');
  await expect(files.getByRole('link', { name: /^Download all/ })).toHaveCount(0);
  const photos = Array.from({ length: 7 }, (_, number) => sample('IMG_0231.jpg', `${number}.jpg`));
  await mara.sayWith(jane.channelId, '', photos);
  await mara.sayWith(jane.channelId, '', [sample('service-report.pdf')]);
  await expect(files.getByRole('heading')).toContainText('Files8');
  const thumbs = files.getByRole('link', { name: /^Show \d/ });
  await expect(thumbs).toHaveCount(6);
  await thumbs.nth(1).click();
  const lightbox = page.getByRole('dialog');
  await expect(lightbox.getByRole('link', { name: 'Download 1.jpg' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(lightbox).toHaveCount(0);
  await expect(thumbs.nth(1)).toBeFocused();
  await expect(files.getByText(/, Today$/)).toBeVisible();
  const downloads = await Downloads.of(page, info.outputPath('downloads'));
  const { name, bytes } = await downloads.take(() => files.getByRole('link', { name: /^Download all, \d.* [kM]B$/ }).click());
  expect(name).toBe('Jane Doe files.zip');
  expect([...unzip(bytes).keys()]).toHaveLength(8);
});

test('the lightbox of the panel continues through all files of the conversation', async ({ mara }) => {
  const jane = await mara.contact('Jane', 'Doe');
  await mara.sayWith(jane.channelId, '', Array.from({ length: 45 }, (_, number) => sample('IMG_0231.jpg', `${number}.jpg`)));
  const page = await mara.openConversation(jane.channelId);
  await page.locator('[data-component=ContactFiles]').getByRole('link', { name: 'Show 0.jpg' }).click();
  const lightbox = page.getByRole('dialog');
  await expect(lightbox).toHaveAccessibleName('0.jpg, image 1 of 20+');
  await expect(lightbox.getByRole('button', { name: 'Share', exact: true })).toBeVisible();
  await expect(lightbox.getByRole('button', { name: 'Delete', exact: true })).toBeVisible();
  // Each page of files that comes moves the end further.
  await expect(async () => {
    await page.keyboard.press('End');
    await expect(lightbox).toHaveAccessibleName('44.jpg, image 45 of 45', { timeout: 1000 });
  }).toPass({ timeout: 15_000 });
  await page.keyboard.press('Home');
  await expect(lightbox).toHaveAccessibleName('0.jpg, image 1 of 45');
});
