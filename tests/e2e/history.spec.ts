// Long conversations.
import { feed } from './support/conversation';
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

  for (const count of [100, 120]) {
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
    await expect(feed(page).getByRole('article')).toHaveCount(count);
    expect(await jump.evaluate((noted) => (noted.stop(), noted.most))).toBeLessThan(2);
  }
  await page.keyboard.press('Control+Home');
  await expect(feed(page).getByText('Stop 1', { exact: true })).toBeAttached();
  await expect(page.getByRole('button', { name: 'Show earlier' })).toHaveCount(0);
});
