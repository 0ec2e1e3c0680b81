// Long conversations.
import { feed } from './support/conversation';
import { holdCode } from './support/network';
import { expect, test } from './support/test';

test('scrolling up loads older messages, and nothing jumps', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  for (let number = 1; number <= 120; number += 1) {
    await mara.say(id, `Stop ${number}`);
  }
  const page = await mara.openConversation(id);
  await expect(feed(page).getByText('Stop 120', { exact: true })).toBeInViewport();
  await expect(feed(page).getByRole('article')).toHaveCount(50);
  await feed(page).hover();

  // Notes how far a message that is in view moves beyond what was scrolled, at every change of the feed.
  const jump = await feed(page).evaluateHandle((element) => {
    element.scrollTop = -(element.scrollHeight - element.clientHeight - 500);
    const anchor = [...element.querySelectorAll('article')].find(
      (article) => article.getBoundingClientRect().bottom > element.getBoundingClientRect().top + 100,
    )!;
    const place = () => anchor.getBoundingClientRect().top + element.scrollTop;
    const start = place();
    const noted = { most: 0, stop: () => {} };
    const observer = new MutationObserver(() => {
      noted.most = Math.max(noted.most, Math.abs(place() - start));
    });
    observer.observe(element, { childList: true, subtree: true });
    noted.stop = () => observer.disconnect();
    return noted;
  });
  await expect(feed(page).getByRole('article')).toHaveCount(120);
  expect(await jump.evaluate((noted) => (noted.stop(), noted.most))).toBeLessThan(2);
  await page.keyboard.press('Control+Home');
  await expect(feed(page).getByText('Stop 1', { exact: true })).toBeAttached();
  await expect(page.getByRole('button', { name: 'Show earlier' })).toHaveCount(0);
});

test('waiting at the top still loads nearby messages', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  for (let number = 1; number <= 160; number += 1) {
    await mara.say(id, `Stop ${number}`);
  }
  const page = await mara.openConversation(id);
  await expect(feed(page).getByRole('article')).toHaveCount(50);
  const oldest = feed(page).getByText('Stop 111', { exact: true });
  await feed(page).evaluate((element) => element.scrollTo(0, -element.scrollHeight));
  await expect(feed(page).getByRole('article')).toHaveCount(160);
  await expect(oldest, 'what was read stays').toBeInViewport();
  await expect(page.getByRole('button', { name: 'Show earlier' })).toHaveCount(0);
});

test('scrolling before hydration loads messages after it', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  for (let number = 1; number <= 70; number += 1) {
    await mara.say(id, `Stop ${number}`);
  }
  const page = await mara.context.newPage();
  const release = await holdCode(page);
  await page.goto(`/inbox/${id}`, { waitUntil: 'domcontentloaded' });
  await expect(feed(page).getByRole('article')).toHaveCount(50);
  await feed(page).evaluate((element) => element.scrollTo(0, -element.scrollHeight));
  release();
  await expect(feed(page).getByRole('article')).toHaveCount(70);
});

test('a window that shows all loaded messages loads more', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  for (let number = 1; number <= 60; number += 1) {
    await mara.say(id, `Stop ${number}`);
  }
  const page = await mara.context.newPage();
  await page.setViewportSize({ width: 1440, height: 2600 });
  await page.goto(`/inbox/${id}`);
  await expect(feed(page).getByRole('article')).toHaveCount(60);
});

test('loading also works downward, and the position stays at the very end', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  const said: string[] = [];
  for (let number = 1; number <= 300; number += 1) {
    said.push((await mara.say(id, `Stop ${number}`)).id);
  }
  const page = await mara.open(`/inbox/${id}?message=${said[29]}`);
  await expect(page.getByRole('button', { name: 'Attach files' })).toBeEnabled();
  // The first page is around the message; the next one is held back until one stands at its end.
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/messages/after/**', async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  await expect(page.getByRole('button', { name: 'Attach files' })).toBeEnabled();
  await expect(feed(page).getByText('Stop 30', { exact: true })).toBeInViewport();
  const last = feed(page).getByText('Stop 55', { exact: true });
  await expect(last).toBeAttached();
  await feed(page).evaluate((element) => element.scrollTo(0, 0));
  await expect(last).toBeInViewport();
  release();
  await expect(feed(page).getByText('Stop 255', { exact: true })).toBeAttached();
  await expect(last, 'what was read stays').toBeInViewport();
  await feed(page).hover();
  await expect(async () => {
    await page.mouse.wheel(0, 3000);
    await expect(feed(page).getByText('Stop 300', { exact: true })).toBeInViewport({ timeout: 500 });
  }).toPass();
});
