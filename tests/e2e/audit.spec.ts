// The audit log: what people did with files, narrowed down, taken along.
import { Downloads } from './support/downloads';
import { sample } from './support/files';
import { expect, test } from './support/test';

test('an admin views the log, filters it, and downloads it as CSV', async ({ mara, colleague, visitor }, info) => {
  const { id } = await mara.channel('dispatch');
  const noor = await colleague('Noor Haddad');
  const { attachments } = await mara.sayWith(id, 'Two', [sample('IMG_0231.jpg'), sample('service-report.pdf')]);
  const [photo, report] = attachments.map((file) => file.id);
  await noor.context.request.get(`/api/messages/attachments/${photo}?download=1`);
  const link = await mara.post<{ url: string }>('/api/share-links', { attachmentId: report });
  await (await visitor()).open(link.url);
  await noor.context.request.get(`/api/messages/attachments/${photo}`);

  const page = await mara.open('/settings');
  await page.getByRole('link', { name: 'Audit log' }).click();
  const rows = page.getByRole('region', { name: /^Audit log/ }).getByRole('row');
  await expect(rows).toHaveText([
    /Date.*Person.*Action/,
    /Someone with the link.*Opened a share link.*service-report\.pdf.*#dispatch/,
    /Mara Ellis.*Created a share link.*service-report\.pdf/,
    /Noor Haddad.*Downloaded.*IMG_0231\.jpg/,
    /Mara Ellis.*Uploaded.*service-report\.pdf/,
    /Mara Ellis.*Uploaded.*IMG_0231\.jpg/,
    /Noor Haddad.*Joined.*As member/,
    /Mara Ellis.*Invited someone.*As member/,
    /Mara Ellis.*Signed up.*Harbour Lane/,
  ]);

  await page.getByRole('button', { name: 'Person anyone' }).click();
  await page.getByRole('group', { name: 'Person' }).getByLabel('Noor Haddad').check();
  await expect(rows).toHaveCount(3);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Action any' }).click();
  await page.getByRole('group', { name: 'Action' }).getByLabel('Deleted', { exact: true }).check();
  await expect(page.getByText('No matching entries')).toBeVisible();
  await page.getByRole('group', { name: 'Action' }).getByLabel('Downloaded', { exact: true }).check();
  await page.keyboard.press('Escape');
  await expect(rows).toHaveCount(2);
  const downloads = await Downloads.of(page, info.outputPath('downloads'));
  const { name, bytes } = await downloads.take(() => page.getByRole('link', { name: 'Export CSV' }).click());
  expect(name).toBe('audit-log.csv');
  expect(bytes.toString().trimEnd().split('\r\n')).toEqual([expect.stringMatching(/^\ufeffTime \(UTC\),Action/), expect.stringMatching(/"Downloaded","Noor Haddad"/)]);

  // The filters are in the address: they survive a reload, can be handed on, and Back undoes them.
  expect(new URL(page.url()).searchParams.get('action')).toBe('downloaded');
  await page.reload();
  await expect(rows).toHaveCount(2);
  await expect(page.getByRole('button', { name: 'Person Noor Haddad' })).toBeVisible();
  const handedOn = await mara.open(page.url());
  await expect(handedOn.getByRole('region', { name: /^Audit log/ }).getByRole('row')).toHaveCount(2);
  await expect(handedOn.getByRole('link', { name: 'Export CSV' })).toHaveAttribute('href', /action=downloaded/);
  await page.goBack();
  await expect(page.getByText('No matching entries')).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('button', { name: 'Action any' })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('button', { name: 'Person anyone' })).toBeVisible();
  await expect(rows).toHaveCount(9);

  const search = page.getByRole('searchbox', { name: 'File or conversation' });
  await search.fill('IMG_0231');
  await expect(rows).toHaveCount(3);
  await expect(page).toHaveURL(/search=IMG_0231/);
  await page.reload();
  await expect(search).toHaveValue('IMG_0231');
  await expect(rows).toHaveCount(3);
  await search.fill('');
  await page.getByRole('button', { name: 'Date any time' }).click();
  await page.getByRole('group', { name: 'Date' }).getByLabel('To', { exact: true }).fill('2020-01-01');
  await expect(page.getByText('No matching entries')).toBeVisible();
  await page.getByRole('group', { name: 'Date' }).getByLabel('Today').check();
  await expect(rows).toHaveCount(9);
});

test('the log is hidden without permission to manage the organization', async ({ colleague, console }) => {
  console.expect(/403/);
  const noor = await colleague('Noor Haddad');
  const page = await noor.open('/settings');
  await expect(page.getByRole('link', { name: 'Share links' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Audit log' })).toHaveCount(0);
  await page.goto('/settings/audit-log');
  await expect(page.getByText('The audit log could not be loaded')).toBeVisible();
});
