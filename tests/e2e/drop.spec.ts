// The overlay while files are dragged over a conversation: how many, for whom, and where it covers.
import type { Locator } from '@playwright/test';
import { chips, dropTarget } from './support/conversation';
import { expect, test } from './support/test';

type Drag = { event: 'dragenter' | 'dragleave' | 'drop'; files?: number; text?: string };

/** One event of a drag, as the browser sends it. */
async function drag(target: Locator, drag: Drag): Promise<void> {
  await target.evaluate((element, { event, files = 0, text }) => {
    const dataTransfer = new DataTransfer();
    for (let number = 1; number <= files; number += 1) {
      dataTransfer.items.add(new File(['a'.repeat(number)], `${number}.txt`, { type: 'text/plain' }));
    }
    if (text) {
      dataTransfer.items.add(text, 'text/plain');
    }
    element.dispatchEvent(new DragEvent(event, { bubbles: true, cancelable: true, dataTransfer }));
  }, drag);
}

test('the overlay counts the files, names their recipient and covers only the conversation', async ({ mara }) => {
  const jane = await mara.contact('Jane', 'Doe');
  const general = await mara.channel('general');
  const page = await mara.openConversation(jane.channelId);
  const overlay = page.locator('[data-component=DropOverlay]');
  const conversation = dropTarget(page);
  await drag(conversation, { event: 'dragenter', files: 3 });
  await expect(overlay).toContainText('Drop to add 3 files to Jane Doe');
  const outer = (await conversation.boundingBox())!;
  const inner = (await overlay.boundingBox())!;
  expect(inner.x).toBeGreaterThanOrEqual(outer.x);
  expect(inner.y).toBeGreaterThanOrEqual(outer.y);
  expect(inner.x + inner.width).toBeLessThanOrEqual(outer.x + outer.width);
  expect(inner.width * inner.height).toBeGreaterThan(outer.width * outer.height * 0.9);
  await drag(conversation, { event: 'dragleave', files: 3 });
  await expect(overlay).toHaveCount(0);

  await drag(conversation, { event: 'dragenter', files: 1 });
  await expect(overlay).toContainText('Drop to add 1 file to Jane Doe');
  await drag(conversation, { event: 'drop', files: 1 });
  await expect(overlay).toHaveCount(0);
  await expect(chips(page)).toHaveCount(1);

  const team = await mara.openConversation(general.id);
  await drag(dropTarget(team), { event: 'dragenter', files: 2 });
  await expect(team.locator('[data-component=DropOverlay]')).toContainText('Drop to add 2 files to #general');
});

test('a dragged text is not a file', async ({ mara }) => {
  const { id } = await mara.channel('general');
  const page = await mara.openConversation(id);
  await drag(dropTarget(page), { event: 'dragenter', text: 'A word' });
  await drag(dropTarget(page), { event: 'dragenter', files: 1 });
  await expect(page.locator('[data-component=DropOverlay]')).toContainText('Drop to add 1 file to #general');
  await drag(dropTarget(page), { event: 'dragleave' });
  await expect(page.locator('[data-component=DropOverlay]'), 'the text was not counted as an entry').toHaveCount(0);
});
