// From dropped files to a message that others see.
import { chips, dropTarget, feed, sendButton, textField } from './support/conversation';
import { drop, largePhoto, sample } from './support/files';
import { slowUploads } from './support/network';
import { expect, test } from './support/test';

test('three photos and a document are uploaded in parallel, sent, and appear live', async ({ mara, colleague }) => {
  const jane = await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  const noor = await colleague('Noor Haddad');
  const noorsPage = await noor.openConversation(jane.channelId);
  const page = await mara.openConversation(jane.channelId);
  const report = sample('service-report.pdf');
  const files = [
    largePhoto('IMG_0231.jpg', 'photo.jpg', 600_000),
    largePhoto('IMG_0236.jpg', 'kitchen.jpg', 600_000),
    largePhoto('panorama.jpg', 'panorama.jpg', 600_000),
    { ...report, bytes: Buffer.concat([report.bytes, Buffer.alloc(600_000, '%')]) },
  ];

  // Notes every percentage that a bar shows, however short.
  await page.evaluate(() => {
    const seen: Record<string, number[]> = {};
    Object.assign(window, { seen });
    new MutationObserver(() => {
      for (const bar of document.querySelectorAll('[role=progressbar]')) {
        (seen[bar.getAttribute('aria-label') ?? ''] ??= []).push(Number(bar.getAttribute('aria-valuenow')));
      }
    }).observe(document.body, { attributes: true, childList: true, subtree: true });
  });
  const undo = await slowUploads(page, 300_000);
  await drop(dropTarget(page), files);
  await expect(page.getByRole('progressbar')).toHaveCount(4);
  await expect(sendButton(page), 'the message would wait').toBeEnabled();
  await expect(page.locator('[data-status=complete]')).toHaveCount(4, { timeout: 40_000 });
  await undo();
  const seen = await page.evaluate(() => (window as unknown as { seen: Record<string, number[]> }).seen);
  for (const { name } of files) {
    const shown = seen[`Uploading ${name}`] ?? [];
    expect(shown.some((percent) => percent > 0 && percent < 99), `${name}: ${shown}`).toBe(true);
    expect(shown, `${name} only grows`).toEqual([...shown].sort((a, b) => a - b));
  }

  await textField(page).fill('The kitchen, as promised.');
  await sendButton(page).click();
  await expect(chips(page)).toHaveCount(0);
  await expect(textField(page)).toHaveValue('');

  for (const its of [page, noorsPage]) {
    const entry = feed(its).getByRole('article').filter({ hasText: 'The kitchen, as promised.' });
    await expect(entry).toHaveCount(1);
    await expect(entry.getByRole('button', { name: /^Open / })).toHaveCount(3);
    await expect(entry.getByRole('link', { name: 'Download service-report.pdf' })).toBeVisible();
    for (const image of await entry.getByRole('img', { name: /\.jpg$/ }).all()) {
      await expect.poll(() => image.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
    }
  }
});

test('a contact created on the page has a conversation at once', async ({ mara }) => {
  const page = await mara.open('/contacts/new');
  await page.getByLabel('First name').fill('Jane');
  await page.getByLabel('Last name').fill('Doe');
  await page.getByLabel('Phone 1', { exact: true }).fill('+1 (555) 123-4567');
  await page.getByRole('button', { name: 'Add contact' }).click();
  await page.getByRole('link', { name: 'Inbox' }).click();
  const list = page.getByRole('complementary', { name: 'Conversations' });
  await list.getByRole('link', { name: /Jane Doe/ }).click();
  await expect(page.getByRole('heading', { name: 'Jane Doe', level: 1 })).toBeVisible();
  await expect(page.getByRole('main').getByText('+1 (555) 123-4567').first()).toBeVisible();
});
