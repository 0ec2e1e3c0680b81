// The parts of a conversation, by the names that people and screen readers know them by.
import { expect, type Locator, type Page } from '@playwright/test';

export const feed = (page: Page): Locator => page.getByRole('log', { name: 'Feed' });

export const textField = (page: Page): Locator => page.getByRole('textbox', { name: 'Message' });

export const sendButton = (page: Page): Locator => page.getByRole('button', { name: 'Send' });

export const chips = (page: Page): Locator => page.getByRole('list', { name: 'Files to send' }).getByRole('listitem');

/** Where files can be dropped. */
export const dropTarget = (page: Page): Locator => page.getByRole('main', { name: /^Conversation with/ });

/** Picks files as a person does: the paperclip, then the system's dialog. */
export async function pick(page: Page, files: Parameters<Page['setInputFiles']>[1]): Promise<void> {
  const dialog = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach files' }).click();
  await (await dialog).setFiles(files);
}

/** Writes a line and waits until it is in the feed. */
export async function send(page: Page, text: string): Promise<void> {
  await textField(page).fill(text);
  await sendButton(page).click();
  await expect(feed(page).getByText(text, { exact: true })).toBeVisible();
}

/** Goes to another conversation the way people do: by the list. */
export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('complementary', { name: 'Conversations' }).getByRole('link', { name }).click();
  await expect(page.getByRole('main', { name: /^Conversation with/ }).getByRole('heading', { name, level: 1 })).toBeVisible();
}
