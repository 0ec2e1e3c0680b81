// Every page, in both themes, on a desk and on a phone: no serious fault for those who use assistive technology, nothing
// that scrolls sideways, nothing amiss in the console.
import type { Page } from '@playwright/test';
import { seriousFaults } from './support/axe';
import { feed } from './support/conversation';
import { sample } from './support/files';
import type { Person } from './support/person';
import { expect, test } from './support/test';

type Visit = { name: string; open: (people: { mara: Person; visitor: Person }) => Promise<Page> };

async function conversation(mara: Person): Promise<string> {
  const jane = await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
  const pictures = ['IMG_0231.jpg', 'IMG_0236.jpg', 'panorama.jpg', 'IMG_4413.jpg', 'IMG_4414.jpg'];
  await mara.sayWith(jane.channelId, 'The kitchen, see https://example.com/kitchen', pictures.map((name) => sample(name)));
  const others = ['service-report.pdf', 'VID_0042.mp4', 'voice-note.m4a'];
  const types = ['application/pdf', 'video/mp4', 'audio/mp4'];
  await mara.sayWith(jane.channelId, '', others.map((name, place) => ({ ...sample(name), type: types[place] })));
  await mara.sayWith(jane.channelId, 'a'.repeat(200), [sample('IMG_0237.jpg', `${'long-name-'.repeat(20)}.jpg`)]);
  return jane.channelId;
}

/** Two links, one of them over, and the ways to see them. */
async function shared(mara: Person) {
  const channel = await conversation(mara);
  const [first] = await mara.messages(channel);
  const message = { messageId: first!.id, maxDownloads: 3 };
  const { id } = await mara.post<{ id: string }>('/api/share-links', { ...message, password: 'letmein' });
  await mara.post(`/api/share-links/${id}/revoke`);
  await mara.post('/api/share-links', message);
  return {
    links: async () => {
      const page = await mara.open('/settings/share-links');
      await expect(page.getByRole('row')).toHaveCount(3);
      return page;
    },
    dialog: async () => {
      const page = await mara.openConversation(channel);
      const row = feed(page).getByRole('article').last();
      await row.hover();
      await row.getByRole('button', { name: 'Share the files' }).click();
      await expect(page.getByRole('dialog').getByRole('row')).toHaveCount(3);
      return page;
    },
  };
}

const VISITS: Visit[] = [
  { name: '/sign-up', open: ({ visitor }) => visitor.open('/sign-up') },
  { name: '/log-in', open: ({ visitor }) => visitor.open('/log-in') },
  { name: '/invite/…', open: async ({ mara, visitor }) => visitor.open(`/invite/${await mara.invite('member')}`) },
  { name: 'an invite that does not work', open: ({ visitor }) => visitor.open('/invite/nothing') },
  {
    name: '/reset/…',
    open: async ({ mara, visitor }) => {
      await visitor.accept(await mara.invite('member'));
      const { url } = await mara.post<{ url: string }>(`/api/members/${visitor.memberId}/password-reset`);
      return visitor.open(new URL(url).pathname);
    },
  },
  { name: 'a reset link that does not work', open: ({ visitor }) => visitor.open('/reset/nothing') },
  {
    name: 'a private channel with its members',
    open: async ({ mara, visitor }) => {
      await visitor.accept(await mara.invite('guest'));
      const { id } = await mara.channel('plans', true);
      const page = await mara.open(`/inbox/${id}?panel=open`);
      await expect(page.getByRole('checkbox', { name: 'Vera Visitor' })).toBeEnabled();
      return page;
    },
  },
  {
    name: 'the removal of a member',
    open: async ({ mara, visitor }) => {
      await visitor.accept(await mara.invite('guest'));
      const page = await mara.open('/settings/members');
      await page.getByRole('button', { name: 'More for Vera Visitor' }).click();
      await page.getByRole('button', { name: 'Remove' }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      return page;
    },
  },
  { name: 'an empty /inbox', open: ({ mara }) => mara.open('/inbox') },
  {
    name: '/inbox',
    open: async ({ mara }) => {
      await conversation(mara);
      return mara.open('/inbox');
    },
  },
  { name: 'an empty conversation', open: async ({ mara }) => mara.openConversation((await mara.contact('Bob')).channelId) },
  {
    name: 'a conversation with files',
    open: async ({ mara }) => {
      const page = await mara.openConversation(await conversation(mara));
      await expect(feed(page).getByRole('button', { name: /show all 5 images/ })).toBeVisible();
      return page;
    },
  },
  { name: 'its panel', open: async ({ mara }) => mara.open(`/inbox/${await conversation(mara)}?panel=open`) },
  {
    name: 'the lightbox',
    open: async ({ mara }) => {
      const page = await mara.openConversation(await conversation(mara));
      await feed(page).getByRole('button', { name: 'Open IMG_0236.jpg' }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      return page;
    },
  },
  {
    name: 'the emoji picker over reactions',
    open: async ({ mara }) => {
      const { channelId } = await mara.contact('Jane', 'Doe');
      const { id } = await mara.say(channelId, 'Done');
      await mara.context.request.put(`/api/messages/${id}/reactions`, { data: { emoji: '🎉', reacted: true } });
      const page = await mara.openConversation(channelId);
      await page.getByRole('list', { name: 'Reactions' }).getByRole('button', { name: 'Add reaction' }).click();
      await expect(page.getByRole('option', { name: 'grinning face', exact: true })).toBeVisible();
      return page;
    },
  },
  {
    name: 'suggested emoji',
    open: async ({ mara }) => {
      const page = await mara.openConversation((await mara.contact('Jane', 'Doe')).channelId);
      await page.getByRole('textbox', { name: 'Message' }).pressSequentially('Well done :tada');
      await expect(page.getByRole('option', { name: /tada/ })).toBeVisible();
      return page;
    },
  },
  { name: '/buckets/new', open: ({ mara }) => mara.open('/buckets/new') },
  {
    name: '/buckets/:id',
    open: async ({ mara }) => mara.open(`/buckets/${(await mara.post<{ id: string }>('/api/buckets', { name: 'Door camera' })).id}`),
  },
  {
    name: 'a bucket with its panel',
    open: async ({ mara }) => {
      const { id } = await mara.post<{ id: string }>('/api/buckets', { name: 'Door camera' });
      const token = await mara.post<{ secret: string }>('/api/access-tokens', { name: 'front-door', scopes: ['messages:write'] });
      const headers = { authorization: `Bearer ${token.secret}`, 'content-type': 'application/json' };
      for (const deliveryType of ['SILENT', 'CRITICAL', 'NORMAL']) {
        const body = JSON.stringify({ bucketId: id, title: 'Person at the door', subtitle: 'Front', body: 'Seen for 12 seconds.', deliveryType });
        expect((await fetch(`${mara.base}/api/v1/messages`, { method: 'POST', headers, body })).status).toBe(201);
      }
      return mara.open(`/inbox/${id}?panel=open`);
    },
  },
  { name: 'empty /settings/access-tokens', open: ({ mara }) => mara.open('/settings/access-tokens') },
  {
    name: '/settings/access-tokens',
    open: async ({ mara }) => {
      await mara.post('/api/access-tokens', { name: 'front-door', scopes: ['messages:write', 'attachments:read'] });
      return mara.open('/settings/access-tokens');
    },
  },
  {
    name: '/contacts',
    open: async ({ mara }) => {
      await mara.contact('Jane', 'Doe', '+1 (555) 123-4567');
      return mara.open('/contacts');
    },
  },
  {
    name: '/files',
    open: async ({ mara }) => {
      await conversation(mara);
      const page = await mara.open('/files');
      const box = page.getByRole('checkbox', { name: 'Select IMG_0231.jpg' });
      await expect(box).toBeEnabled();
      await box.check();
      await expect(page.getByRole('toolbar', { name: '1 file selected' })).toBeVisible();
      await page.getByRole('button', { name: /^Type/ }).click();
      return page;
    },
  },
  {
    name: '/files as rows',
    open: async ({ mara }) => {
      await conversation(mara);
      return mara.open('/files?view=list');
    },
  },
  { name: 'an empty /files', open: ({ mara }) => mara.open('/files') },
  { name: '/contacts/new', open: ({ mara }) => mara.open('/contacts/new') },
  { name: '/contacts/import', open: ({ mara }) => mara.open('/contacts/import') },
  {
    name: '/contacts/:id',
    open: async ({ mara }) => mara.open(`/contacts/${(await mara.contact('Jane', 'Doe', '+1 (555) 123-4567')).id}`),
  },
  { name: '/settings', open: ({ mara }) => mara.open('/settings') },
  { name: '/settings/profile', open: ({ mara }) => mara.open('/settings/profile') },
  { name: '/settings/organization', open: ({ mara }) => mara.open('/settings/organization') },
  { name: 'empty /settings/bots', open: ({ mara }) => mara.open('/settings/bots') },
  {
    name: '/settings/bots',
    open: async ({ mara }) => {
      const page = await mara.open('/settings/bots');
      await page.getByRole('button', { name: 'Add bot' }).click();
      const adding = page.getByRole('dialog', { name: 'Add bot' });
      await adding.getByLabel('Name').fill('Door camera');
      await adding.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByRole('dialog', { name: 'Edit Door camera' }).getByRole('button', { name: 'Close' }).click();
      return page;
    },
  },
  { name: '/settings/emoji', open: ({ mara }) => mara.open('/settings/emoji') },
  { name: '/settings/members', open: ({ mara }) => mara.open('/settings/members') },
  { name: '/settings/roles', open: ({ mara }) => mara.open('/settings/roles') },
  { name: '/settings/storage', open: ({ mara }) => mara.open('/settings/storage') },
  { name: 'empty /settings/webhooks', open: ({ mara }) => mara.open('/settings/webhooks') },
  {
    name: '/settings/webhooks',
    open: async ({ mara }) => {
      const events = ['message.created', 'message.updated', 'attachment.ready', 'contact.created'];
      await mara.post('/api/webhooks', { url: 'https://8.8.8.8/a/rather/long/path/of/a/webhook', events, kinds: ['image'] });
      const page = await mara.open('/settings/webhooks');
      await expect(page.getByRole('row')).toHaveCount(2);
      return page;
    },
  },
  { name: 'empty /settings/share-links', open: ({ mara }) => mara.open('/settings/share-links') },
  { name: '/settings/share-links', open: async ({ mara }) => (await shared(mara)).links() },
  { name: 'the dialog for sharing', open: async ({ mara }) => (await shared(mara)).dialog() },
  { name: 'a new /settings/audit-log', open: ({ mara }) => mara.open('/settings/audit-log') },
  {
    name: '/settings/audit-log',
    open: async ({ mara }) => {
      await conversation(mara);
      const page = await mara.open('/settings/audit-log');
      await expect(page.getByRole('row')).toHaveCount(11);
      return page;
    },
  },
  { name: 'empty /settings/deleted-files', open: ({ mara }) => mara.open('/settings/deleted-files') },
  {
    name: '/settings/deleted-files',
    open: async ({ mara }) => {
      for (const { attachments } of await mara.messages(await conversation(mara))) {
        await mara.context.request.delete(`/api/attachments/${attachments[0]!.id}`);
      }
      const page = await mara.open('/settings/deleted-files');
      await expect(page.getByRole('row')).toHaveCount(4);
      return page;
    },
  },
];

/** How many pixels stand out at the side. */
const wider = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 360, height: 740 } };

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(size, () => {
    test.use({ viewport, colorScheme: 'light', contextOptions: { reducedMotion: 'reduce' } });
    for (const { name, open } of VISITS) {
      test(`${name} is sound`, async ({ mara, visitor }) => {
        const page = await open({ mara, visitor: await visitor() });
        await page.waitForLoadState('load');
        await expect(page.getByRole('heading').filter({ visible: true }).first()).toBeVisible();

        expect(await wider(page), 'pixels that stand out at the side').toBe(0);
        expect(await seriousFaults(page), 'light').toEqual([]);

        // The same page in dark: only its colors differ.
        await page.emulateMedia({ colorScheme: 'dark' });
        expect(await seriousFaults(page, 'colors'), 'dark').toEqual([]);

        if (size === 'phone') {
          // 1280 × 1024 pixels at 400 % zoom (WCAG 2.2, 1.4.10).
          await page.setViewportSize({ width: 320, height: 256 });
          await expect.poll(() => wider(page), { message: 'pixels that stand out at 400 % zoom' }).toBe(0);
        }
      });
    }
  });
}
