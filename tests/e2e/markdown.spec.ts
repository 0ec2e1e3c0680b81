// Markdown in messages: drawn as elements, never as HTML; what is not clearly Markdown stays as it was written.
import type { Locator, Page } from '@playwright/test';
import { seriousFaults } from './support/axe';
import { feed, sendButton, textField } from './support/conversation';
import { expect, test } from './support/test';

const entry = (page: Page, text: string): Locator => feed(page).getByRole('article').filter({ hasText: text });
const composer = (page: Page): Locator => page.getByRole('textbox', { name: 'Message', exact: true });
const list = (page: Page): Locator => page.getByRole('complementary', { name: 'Conversations' });

test('marks become elements, and previews show the words', async ({ mara }) => {
  const jane = await mara.contact('Jane', 'Doe');
  const body = [
    'The **siphon** leaks, _badly_: `make check`',
    '- see https://en.wikipedia.org/wiki/Siphon_(plumbing)',
    '- or [the plan](https://example.com/plan)',
    '',
    '> quoted',
    '```',
    'let **a** = 1;',
    '```',
  ].join('\n');
  const page = await mara.openConversation(jane.channelId);
  await textField(page).fill(body);
  await sendButton(page).click();
  const sent = entry(page, 'siphon');
  await expect(sent.locator('strong')).toHaveText('siphon');
  await expect(sent.locator('em')).toHaveText('badly');
  await expect(sent.locator('p code')).toHaveText('make check');
  await expect(sent.getByRole('listitem')).toHaveCount(2);
  await expect(sent.locator('blockquote')).toHaveText('quoted');
  await expect(sent.locator('pre')).toHaveText('let **a** = 1;');
  const plan = sent.getByRole('link', { name: 'the plan' });
  await expect(plan).toHaveAttribute('href', 'https://example.com/plan');
  await expect(plan).toHaveAttribute('rel', 'noopener noreferrer nofollow');
  await expect(sent.getByRole('link', { name: 'Siphon_(plumbing)' })).toHaveAttribute('href', 'https://en.wikipedia.org/wiki/Siphon_(plumbing)');
  await expect(list(page).getByRole('link', { name: /Jane Doe/ })).toContainText('You: The siphon leaks, badly: make check');
  expect(await seriousFaults(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await seriousFaults(page, 'colors')).toEqual([]);

  // The server renders the same.
  await page.reload();
  await expect(sent.locator('strong')).toHaveText('siphon');
  await expect(sent.locator('pre')).toHaveText('let **a** = 1;');
});

test('HTML and what is not clearly Markdown stay text', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const texts = [
    '<b>bold</b><img src=x onerror="document.title = 1">',
    '2*3*4 and snake_case_name and C:\\*foo*',
    '# Heading',
    '![picture](https://example.com/a.png)',
    '[click](javascript:alert(1))',
    '* note',
  ];
  for (const text of texts) {
    await mara.say(id, text);
  }
  const page = await mara.openConversation(id);
  for (const text of texts) {
    await expect(feed(page).locator('.entry-body').filter({ hasText: text })).toHaveText(text);
  }
  await expect(feed(page).locator('.entry-body').locator('b, img, h1, em, strong, ul')).toHaveCount(0);
  await expect(feed(page).locator('a[href^="javascript"]')).toHaveCount(0);
});

test('quotes show words, edits the source, and searches find phrases', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.say(id, 'The **boiler** room\n- a\n- b');
  const page = await mara.openConversation(id);
  await entry(page, 'boiler').hover();
  await entry(page, 'boiler').getByRole('button', { name: 'Reply to the message' }).click();
  await expect(page.locator('[data-component=ReplyBar]')).toContainText('The boiler room');
  await page.keyboard.press('Escape');
  await entry(page, 'boiler').hover();
  await entry(page, 'boiler').getByRole('button', { name: 'Edit the message' }).click();
  await expect(page.getByRole('textbox', { name: 'Edit message' })).toHaveValue('The **boiler** room\n- a\n- b');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Search in this conversation' }).click();
  await page.getByRole('searchbox', { name: 'Words or file name' }).fill('"boiler room"');
  const hit = page.getByRole('list', { name: 'Messages found' }).getByRole('link');
  await expect(hit).toContainText('The boiler room');
  await expect(hit.locator('mark')).toHaveText('boiler room');
});

test('Ctrl+B and Ctrl+I mark the selection, and Ctrl+Z takes it back', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await composer(page).click();
  await page.keyboard.type('Mind the gap');
  await page.keyboard.press('Shift+Home');
  await page.keyboard.press('Control+b');
  await expect(composer(page)).toHaveValue('**Mind the gap**');
  await page.keyboard.press('Control+b');
  await expect(composer(page)).toHaveValue('Mind the gap');
  await page.keyboard.press('Control+i');
  await expect(composer(page)).toHaveValue('_Mind the gap_');
  await page.keyboard.press('Control+z');
  await expect(composer(page)).toHaveValue('Mind the gap');
  await page.keyboard.press('End');
  await page.keyboard.type(' ');
  await page.keyboard.press('Control+b');
  await page.keyboard.type('now');
  await expect(composer(page)).toHaveValue('Mind the gap **now**');
  await page.keyboard.press('Enter');
  await expect(entry(page, 'Mind the gap').locator('strong')).toHaveText('now');
});
