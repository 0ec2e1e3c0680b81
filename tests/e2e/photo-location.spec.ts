// Where photos were taken: what the organization chooses, and which files say that they contain a location.
import { feed } from './support/conversation';
import { type Sample, sample } from './support/files';
import { expect, test } from './support/test';

test('an admin chooses whether photos keep their location', async ({ mara }) => {
  const page = await mara.open('/settings/storage');
  const choice = page.getByLabel('Location in new photos');
  await expect(choice).toHaveValue('remove');
  await expect(page.getByText(/HEIC, TIFF and videos are not changed/)).toBeVisible();
  await choice.selectOption('Keep');
  await expect(page.getByText('Saved')).toBeVisible();
  await page.reload();
  await expect(choice).toHaveValue('keep');
  expect(await mara.get('/api/photo-location')).toEqual({ keep: true });
});

/** The sample film with the location that phones write, or with zeros in its place. */
function film(name: string, location: string): Sample {
  const box = (kind: string, content: Buffer) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(content.length + 8);
    head.write(kind, 4, 'latin1');
    return Buffer.concat([head, content]);
  };
  const text = Buffer.from(`\0\x12\x15\xc7${location}`, 'latin1');
  const bytes = Buffer.concat([sample('VID_0042.mp4').bytes, box('udta', box('\xa9xyz', text))]);
  return { name, bytes, type: 'video/mp4' };
}

/** A TIFF with the latitude of a camera. */
function tiff(name: string, degrees: number): Sample {
  const directory = (tag: number, kind: number, count: number, value: number) => {
    const entry = Buffer.alloc(18);
    entry.writeUInt16BE(1);
    entry.writeUInt16BE(tag, 2);
    entry.writeUInt16BE(kind, 4);
    entry.writeUInt32BE(count, 6);
    entry.writeUInt32BE(value, 10);
    return entry;
  };
  const latitude = Buffer.alloc(24);
  [degrees, 1, 0, 1, 0, 1].forEach((number, index) => latitude.writeUInt32BE(number, index * 4));
  const head = Buffer.from('MM\0*\0\0\0\x08', 'latin1');
  return { name, bytes: Buffer.concat([head, directory(0x8825, 4, 1, 26), directory(2, 5, 3, 44), latitude]), type: 'image/tiff' };
}

test('only files with a location say so, a video below its tile', async ({ mara }) => {
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'Outside', [film('VID_1.mp4', '+52.5200+013.4050/')]);
  await mara.sayWith(id, 'Inside', [film('VID_2.mp4', '+00.0000+000.0000/')]);
  await mara.sayWith(id, 'Scan here', [tiff('scan-1.tiff', 52)]);
  await mara.sayWith(id, 'Scan nowhere', [tiff('scan-2.tiff', 0)]);
  const page = await mara.openConversation(id);
  const entry = (text: string) => feed(page).getByRole('article').filter({ hasText: text });
  const label = (text: string) => entry(text).getByText('may contain location');
  await expect(entry('Outside').locator('video')).toBeAttached();
  await expect(label('Outside')).toHaveAttribute('title', 'The location is still in VID_1.mp4');
  await expect(label('Scan here')).toBeVisible();
  // The files without one were searched once their previews are settled.
  await expect
    .poll(async () => {
      const messages = await mara.get<{ attachments: { preview?: { state: string } }[] }[]>(`/api/channels/${id}/messages`);
      return messages.flatMap(({ attachments }) => attachments).every(({ preview }) => preview?.state !== 'pending');
    })
    .toBe(true);
  await page.reload();
  await expect(label('Outside')).toBeVisible();
  await expect(label('Inside')).toHaveCount(0);
  await expect(label('Scan nowhere')).toHaveCount(0);
});
