// What the first visit costs.
import { expect, test } from './support/test';

test('the sign-up page comes in under 450 kB in all', async ({ visitor }) => {
  const someone = await visitor();
  const page = await someone.context.newPage();
  const sizes: Promise<{ responseBodySize: number; responseHeadersSize: number }>[] = [];
  page.on('requestfinished', (request) => sizes.push(request.sizes()));
  await page.goto('/sign-up', { waitUntil: 'networkidle' });
  await expect(page.getByRole('button', { name: 'Create account' })).toBeEnabled();

  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size.responseHeadersSize + size.responseBodySize, 0);
  expect(bytes).toBeLessThan(450_000);
  // The browser's code was counted too.
  expect(bytes).toBeGreaterThan(200_000);
});
