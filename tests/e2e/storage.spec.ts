// What an organization keeps: told before a file is picked, refused when it does not fit, shown to who manages it.
import { truncateSync, writeFileSync } from 'node:fs';
import { chips, pick } from './support/conversation';
import { Person } from './support/person';
import { expect, test } from './support/test';

test('the remaining quota is beside the paperclip, and larger files are rejected before they start', async ({
  browser,
  startServer,
  console,
}, info) => {
  const { base } = await startServer({ ORGANIZATION_QUOTA: '100kB' });
  const mara = await Person.visitor(browser, base, console, 'Mara Ellis');
  await mara.signUp('Harbour Lane');
  const { id } = await mara.channel('dispatch');
  const page = await mara.openConversation(id);
  await expect(page.getByText('Any file, any size, 100 kB left')).toBeVisible();
  const file = (name: string, size: number) => {
    const path = info.outputPath(name);
    writeFileSync(path, '');
    truncateSync(path, size);
    return path;
  };
  await pick(page, [file('first.bin', 70_000), file('second.bin', 40_000)]);
  await expect(chips(page).nth(0)).toHaveAttribute('data-status', 'complete');
  await expect(chips(page).nth(1).getByRole('alert')).toContainText('Not enough storage for 40 kB: 30 kB left');
  await expect(page.getByRole('button', { name: 'Retry' })).toHaveCount(0);

  await page.goto(`${base}/settings/storage`);
  await expect(page.getByText('70 kB of 100 kB used')).toBeVisible();
  await expect(page.getByRole('img', { name: '70 percent used' })).toBeVisible();
  const largest = page.getByRole('region', { name: 'Largest files' });
  await expect(largest.getByRole('row', { name: /first\.bin/ })).toContainText('Not sent');
  await page.getByLabel('Delete permanently').selectOption('After 30 days');
  await expect(page.getByText('Saved')).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Delete permanently')).toHaveValue('30');
  await mara.context.close();
});
