// Many files in the composer: all in reach, summed up, renamed, moved, removed.
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { chips, dropTarget, feed, pick, sendButton, textField } from './support/conversation';
import { drop, paste, sample } from './support/files';
import { holdPuts } from './support/parts';
import { expect, test } from './support/test';

const photos = (count: number) =>
  Array.from({ length: count }, (_, number) => sample('IMG_4416.jpg', `photo-${number}.jpg`));

const complete = (page: Page) => page.locator('[data-component=UploadChip][data-status=complete]');
const names = (page: Page) => page.locator('[data-component=UploadChip] .fname').allTextContents();

for (const [width, height] of [[1440, 900], [1366, 650], [390, 844], [320, 400]] as const) {
  test(`Send stays on the screen behind 40 files at ${width} × ${height}`, async ({ mara, browser }) => {
    const { id } = await mara.channel('dispatch');
    const person = await mara.elsewhere(browser, { viewport: { width, height } });
    const page = await person.openConversation(id);
    for (const count of [1, 2, 9, 28]) {
      await drop(dropTarget(page), photos(count));
      await expect(sendButton(page)).toBeInViewport({ ratio: 1 });
      await expect(textField(page)).toBeInViewport();
    }
    await expect(chips(page)).toHaveCount(40);
    await expect(page.locator('[data-component=ChipSummary]')).toContainText(/^40 photos, \d+ kB/);
    await textField(page).fill('Line\n'.repeat(40));
    await expect(sendButton(page)).toBeInViewport({ ratio: 1 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, 'nothing scrolls sideways').toBeLessThanOrEqual(0);
    await person.context.close();
  });
}

test('the summary shows what is left, and all are removed at once', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const release = await holdPuts(page);
  await drop(dropTarget(page), photos(12));
  const sum = page.locator('[data-component=ChipSummary]');
  await expect(sum).toContainText('12 left to upload');
  await release();
  await expect(complete(page)).toHaveCount(12);
  await expect(sum).not.toContainText('left to upload');
  const used = async () => (await mara.get<{ usedBytes: number }>('/api/storage')).usedBytes;
  expect(await used()).toBeGreaterThan(0);
  await sum.getByRole('button', { name: 'Remove all' }).click();
  await expect(chips(page)).toHaveCount(0);
  await expect.poll(used, 'their room is free at once').toBe(0);
  await expect(textField(page)).toBeFocused();
});

test('pasted pictures with the same name are distinct: a file is renamed and moved before it is sent', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await paste(textField(page), [sample('IMG_0231.jpg', 'image.jpg')]);
  await paste(textField(page), [sample('IMG_0236.jpg', 'image.jpg')]);
  await expect(complete(page)).toHaveCount(2);
  await chips(page).nth(1).getByRole('button', { name: 'More for image.jpg' }).click();
  await page.getByRole('button', { name: 'Rename' }).click();
  const field = page.getByRole('textbox', { name: 'File name' });
  await expect(field).toBeFocused();
  await field.fill('kitchen.jpg');
  await field.press('Enter');
  await expect.poll(() => names(page)).toEqual(['image.jpg', 'kitchen.jpg']);
  await chips(page).nth(1).getByRole('button', { name: 'More for kitchen.jpg' }).click();
  await page.getByRole('button', { name: 'Move earlier' }).click();
  await expect.poll(() => names(page)).toEqual(['kitchen.jpg', 'image.jpg']);
  await sendButton(page).click();
  await expect(feed(page).getByRole('button', { name: 'Open kitchen.jpg' })).toBeVisible();
  const [message] = await mara.messages(id);
  expect(message!.attachments.map((file) => file.fileName)).toEqual(['kitchen.jpg', 'image.jpg']);
});

test('a file renamed during its upload keeps the new name', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const release = await holdPuts(page);
  await drop(dropTarget(page), [sample('IMG_0231.jpg', 'image.jpg')]);
  await chips(page).getByRole('button', { name: 'More for image.jpg' }).click();
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'File name' }).fill('hall.jpg');
  await page.keyboard.press('Enter');
  await release();
  await sendButton(page).click();
  await expect(feed(page).getByRole('button', { name: 'Open hall.jpg' })).toBeVisible();
});

test('opening, dropping and pasting focus the composer', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await expect(textField(page)).toBeFocused();
  await page.getByRole('button', { name: 'Attach files' }).focus();
  await drop(dropTarget(page), [sample('IMG_0231.jpg')]);
  await expect(textField(page)).toBeFocused();
});

test('a dropped folder is added with its files, beside a file', async ({ mara }, info) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  const folder = info.outputPath('folder');
  mkdirSync(`${folder}/inside`, { recursive: true });
  mkdirSync(info.outputPath('empty'));
  writeFileSync(`${folder}/one.txt`, 'one');
  writeFileSync(`${folder}/inside/two.txt`, 'two');
  writeFileSync(info.outputPath('beside.txt'), 'beside');
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [folder, info.outputPath('empty'), info.outputPath('beside.txt')], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 700, y: 400, data });
  }
  await expect(complete(page)).toHaveCount(3);
  expect((await names(page)).sort()).toEqual(['beside.txt', 'one.txt', 'two.txt']);
  await expect(page.getByText('The folder empty has no files.')).toBeVisible();
  await expect(sendButton(page)).toBeEnabled();
});

test("Enter at the end of an input method's composition sends nothing", async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await textField(page).fill('にほんご');
  for (const isComposing of [false, true]) {
    await textField(page).evaluate((element, isComposing) => {
      if (!isComposing) element.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: 'x' }));
      const init = { key: 'Enter', code: 'Enter', keyCode: 229, bubbles: true, cancelable: true, isComposing };
      element.dispatchEvent(new KeyboardEvent('keydown', init));
    }, isComposing);
  }
  await page.waitForTimeout(500);
  await expect(textField(page)).toHaveValue('にほんご');
  expect(await mara.messages(id)).toHaveLength(0);
});

test('on touch devices Enter is a new line', async ({ mara, browser }) => {
  const { id } = await mara.channel('dispatch');
  const phone = await mara.elsewhere(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await phone.openConversation(id);
  await expect(textField(page)).toHaveAttribute('enterkeyhint', 'enter');
  await textField(page).tap();
  await page.keyboard.type('First');
  await page.keyboard.press('Enter');
  await page.keyboard.type('Second');
  await expect(textField(page)).toHaveValue('First\nSecond');
  await expect(page.getByText('Shift + Enter')).toHaveCount(0);
  expect(await mara.messages(id)).toHaveLength(0);
  await phone.context.close();
});

test('the field grows with the text where the browser does not do so by itself', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  // As in Firefox.
  await page.addStyleTag({ content: 'textarea { field-sizing: fixed !important; }' });
  const height = async () => (await textField(page).boundingBox())!.height;
  const one = await height();
  await textField(page).fill('1\n2\n3\n4');
  await expect.poll(height).toBeCloseTo(one + 60, -1);
  await textField(page).fill('Line\n'.repeat(60));
  await expect.poll(height).toBeLessThanOrEqual(240);
  await textField(page).fill('');
  await expect.poll(height).toBeCloseTo(one, 0);
});

test('Ctrl+Z takes typed text back after an emoji was put in', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await textField(page).pressSequentially('Hello ');
  await textField(page).pressSequentially(':tada');
  await expect(page.getByRole('listbox', { name: 'Emoji' })).toBeVisible();
  await textField(page).pressSequentially(':');
  await expect(textField(page)).toHaveValue(/^Hello 🎉/u);
  await page.keyboard.press('Control+z');
  await expect(textField(page)).not.toHaveValue(/🎉/u);
  await expect(textField(page)).toHaveValue(/^Hello/);
});

test('a file that is dropped where there is no conversation does not replace the page', async ({ mara, visitor }) => {
  const { context } = await visitor();
  const outside = await context.newPage();
  await outside.goto('/log-in');
  await expect(outside.locator('html')).toHaveAttribute('data-ready');
  for (const page of [outside, await mara.open('/inbox'), await mara.open('/settings/profile')]) {
    const refused = await page.locator('body').evaluate((body) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['a'], 'a.txt', { type: 'text/plain' }));
      return ['dragover', 'drop'].map((name) => !body.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer })));
    });
    expect(refused).toEqual([true, true]);
  }
});
