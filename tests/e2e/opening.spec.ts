// Opening conversations: one request each, and those that were open lately are there at once.
import type { Page } from '@playwright/test';
import { feed, goTo, send, textField } from './support/conversation';
import { sample } from './support/files';
import { PASSWORD, takenOver } from './support/person';
import { expect, test } from './support/test';

const OPENED = /\/api\/conversations\/[^/?]+\?/;

const list = (page: Page) => page.getByRole('complementary', { name: 'Conversations' });

const main = (page: Page) => page.getByRole('main', { name: /^Conversation/ });

const divider = (page: Page) => feed(page).getByRole('separator').filter({ hasText: 'New' });

/** Holds the responses about opened conversations back; answers what lets them go, also the later ones. */
async function holdOpened(page: Page): Promise<() => void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(OPENED, async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

/** Opens `name` again. A page that was just loaded first gets the events from before, and what they concern is not kept. */
async function openAgain(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(1000);
  await goTo(page, 'office');
  await expect(feed(page).getByText('Coffee is out')).toBeVisible();
  await goTo(page, name);
}

/** Clicks a conversation in the list; answers after how many milliseconds its feed has this text, at most 2000. */
function clickToText(page: Page, channel: string, text: string): Promise<number> {
  const script = async ([path, wanted]: [string, string]) => {
    const begun = performance.now();
    document.querySelector<HTMLAnchorElement>(`[data-component=ConversationRow][href="${path}"]`)?.click();
    const isThere = () => location.pathname === path && document.querySelector('#feed')?.textContent?.includes(wanted) === true;
    while (!isThere() && performance.now() - begun < 2000) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return performance.now() - begun;
  };
  return page.evaluate(script, [`/inbox/${channel}`, text] as [string, string]);
}

test('a click on a conversation is one request', async ({ mara }) => {
  const jane = await mara.contact('Jane', 'Doe', '+441632960001');
  await mara.sayWith(jane.channelId, 'The meter', [sample('IMG_0231.jpg'), sample('service-report.pdf')]);
  const plans = await mara.channel('plans', true);
  await mara.say(plans.id, 'For us alone');
  const bucket = await mara.post<{ id: string }>('/api/buckets', { name: 'deploys' });
  const page = await mara.open('/inbox');
  await expect(list(page).getByRole('link', { name: 'Jane Doe' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    // Pictures are files, not data.
    if (pathname.startsWith('/api/') && !pathname.startsWith('/api/messages/attachments/')) {
      asked.push(`${request.method()} ${pathname}`);
    }
  });
  await goTo(page, 'Jane Doe');
  await expect(feed(page).getByText('The meter')).toBeVisible();
  const panel = page.getByRole('complementary', { name: 'Contact' });
  await expect(panel.getByText('service-report.pdf')).toBeVisible();
  await page.waitForTimeout(500);
  expect(asked.splice(0)).toEqual([`GET /api/conversations/${jane.channelId}`]);

  await goTo(page, 'plans');
  await expect(page.locator('[data-component=ChannelMembers]').getByText('Mara Ellis')).toBeVisible();
  await page.waitForTimeout(500);
  expect(asked.splice(0)).toEqual([`GET /api/conversations/${plans.id}`]);

  await goTo(page, 'deploys');
  await expect(page.locator('[data-component=HowToPost]').getByText(/^Up to/)).toBeVisible();
  await page.waitForTimeout(500);
  expect(asked.splice(0)).toEqual([`GET /api/conversations/${bucket.id}`]);
});

test('the header is there from the list while a conversation loads', async ({ mara }) => {
  const jane = await mara.contact('Jane', 'Doe');
  await mara.say(jane.channelId, 'Hello Jane');
  const page = await mara.open('/inbox');
  const release = await holdOpened(page);
  await list(page).getByRole('link', { name: 'Jane Doe' }).click();
  await expect(main(page).getByRole('heading', { name: 'Jane Doe', level: 1 })).toBeVisible();
  await expect(feed(page)).toHaveCount(0);
  release();
  await expect(feed(page).getByText('Hello Jane')).toBeVisible();
});

test('what was open lately is there within 100 ms, and then as the server says', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const dispatch = await mara.channel('dispatch');
  const office = await mara.channel('office');
  await mara.say(dispatch.id, 'The van is loaded');
  await mara.say(office.id, 'Coffee is out');
  const page = await noor.openConversation(dispatch.id);
  await openAgain(page, 'dispatch');
  await expect(feed(page).getByText('The van is loaded')).toBeVisible();
  await goTo(page, 'office');
  await expect(feed(page).getByText('Coffee is out')).toBeVisible();
  await mara.say(dispatch.id, 'Two parcels are left');
  await expect(list(page).getByLabel('1 unread')).toBeVisible();
  const release = await holdOpened(page);
  expect(await clickToText(page, dispatch.id, 'The van is loaded')).toBeLessThan(100);
  await expect(feed(page).getByText('Two parcels are left')).toHaveCount(0);
  await textField(page).fill('A draft');
  release();
  await expect(feed(page).getByText('Two parcels are left')).toBeInViewport();
  await expect(divider(page).locator('xpath=following-sibling::article[1]')).toContainText('Two parcels are left');
  await expect(page.getByLabel(/unread/)).toHaveCount(0);
  await expect(textField(page)).toHaveValue('A draft');
  await expect(feed(page).getByText('The van is loaded')).toHaveCount(1);
});

test('a conversation that was left further up opens there at once', async ({ mara }) => {
  const dispatch = await mara.channel('dispatch');
  const office = await mara.channel('office');
  for (let number = 1; number <= 80; number += 1) {
    await mara.say(dispatch.id, `Stop ${number}`);
  }
  await mara.say(office.id, 'Coffee is out');
  const page = await mara.openConversation(dispatch.id);
  await openAgain(page, 'dispatch');
  const stop = feed(page).getByText('Stop 50', { exact: true });
  await stop.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await expect(stop).toBeInViewport();
  const before = (await stop.boundingBox())!.y;
  await goTo(page, 'office');
  await expect(feed(page).getByText('Coffee is out')).toBeVisible();
  const release = await holdOpened(page);
  await clickToText(page, dispatch.id, 'Stop 50');
  await expect(stop).toBeInViewport();
  await expect.poll(async () => Math.abs((await stop.boundingBox())!.y - before)).toBeLessThan(2);
  const answered = page.waitForResponse(OPENED);
  release();
  await answered;
  await page.waitForTimeout(300);
  expect(Math.abs((await stop.boundingBox())!.y - before)).toBeLessThan(2);
});

test('a message that was deleted while another conversation was open does not come back', async ({ mara, colleague }) => {
  const noor = await colleague('Noor Haddad');
  const dispatch = await mara.channel('dispatch');
  const office = await mara.channel('office');
  const wrong = await mara.say(dispatch.id, 'The wrong door code');
  await mara.say(dispatch.id, 'The van is loaded');
  await mara.say(office.id, 'Coffee is out');
  const page = await noor.openConversation(dispatch.id);
  await goTo(page, 'office');
  await expect(feed(page).getByText('Coffee is out')).toBeVisible();
  expect((await mara.context.request.delete(`/api/messages/${wrong.id}`)).ok()).toBe(true);
  // Its event comes after that of the deletion.
  await mara.say(office.id, 'And tea');
  await expect(feed(page).getByText('And tea')).toBeVisible();
  const release = await holdOpened(page);
  await list(page).getByRole('link', { name: 'dispatch' }).click();
  await expect(main(page).getByRole('heading', { name: 'dispatch', level: 1 })).toBeVisible();
  await expect(page.getByText('The wrong door code')).toHaveCount(0);
  release();
  await expect(feed(page).getByText('The van is loaded')).toBeVisible();
  await expect(feed(page).locator('[data-component=Tombstone]')).toHaveText(/This message was deleted by Mara Ellis/);
  await expect(page.getByText('The wrong door code')).toHaveCount(0);
});

test('a message that is sent while another conversation is open is shown once', async ({ mara }) => {
  const dispatch = await mara.channel('dispatch');
  const office = await mara.channel('office');
  await mara.say(office.id, 'Coffee is out');
  const page = await mara.openConversation(dispatch.id);
  await send(page, 'The van is loaded');
  let deliver = () => {};
  const held = new Promise<void>((resolve) => (deliver = resolve));
  await page.route(/\/messages$/, async (route) => {
    await held;
    await route.continue();
  });
  await textField(page).fill('Two parcels are left');
  await textField(page).press('Enter');
  await goTo(page, 'office');
  await goTo(page, 'dispatch');
  await expect(feed(page).getByText('The van is loaded')).toBeVisible();
  deliver();
  await expect(feed(page).getByText('Two parcels are left')).toBeVisible();
  await expect.poll(async () => (await mara.messages(dispatch.id)).length).toBe(2);
  await page.waitForTimeout(300);
  await expect(feed(page).getByText('Two parcels are left')).toHaveCount(1);
});

test('nothing that was kept is shown once access has changed', async ({ mara, colleague, console }) => {
  console.expect(/status of 404/);
  const noor = await colleague('Noor Haddad');
  const plans = await mara.channel('plans', true);
  const office = await mara.channel('office');
  const setMembers = async (memberIds: string[]) => {
    const response = await mara.context.request.put(`/api/channels/${plans.id}/members`, { data: { memberIds } });
    expect(response.ok()).toBe(true);
  };
  await setMembers([mara.memberId, noor.memberId]);
  await mara.say(plans.id, 'For members alone');
  await mara.say(office.id, 'Coffee is out');
  const page = await noor.openConversation(plans.id);
  await goTo(page, 'office');
  await expect(feed(page).getByText('Coffee is out')).toBeVisible();
  await setMembers([mara.memberId]);
  await expect(list(page).getByRole('link', { name: 'plans' })).toHaveCount(0);
  const release = await holdOpened(page);
  await page.goBack();
  await expect(page).toHaveURL(new RegExp(plans.id));
  await expect(page.getByText('For members alone')).toHaveCount(0);
  release();
  await expect(main(page).getByText("You don't have access to this conversation")).toBeVisible();
  await expect(page.getByText('For members alone')).toHaveCount(0);
});

test('nothing of the previous organization is shown after switching', async ({ mara, visitor, console }) => {
  console.expect(/status of (401|404|409)/);
  const first = await mara.channel('dispatch');
  const office = await mara.channel('office');
  await mara.say(first.id, 'Of Harbour Lane alone');
  const { organization } = await mara.get<{ organization: { id: string } }>('/api/auth/session');
  const vera = await visitor();
  await vera.signUp('Second Lane');
  const second = await vera.channel('dispatch');
  await vera.say(second.id, 'Of Second Lane');
  const { name, email } = mara;
  await mara.post('/api/invites/accept', { token: await vera.invite('member'), name, email, password: PASSWORD });
  await mara.post('/api/auth/organization', { organizationId: organization.id });

  const page = await mara.openConversation(first.id);
  await expect(feed(page).getByText('Of Harbour Lane alone')).toBeVisible();
  await goTo(page, 'office');
  await expect(page).toHaveURL(new RegExp(office.id));
  await page.getByRole('link', { name: 'Your account, Mara Ellis' }).click();
  await page.getByRole('button', { name: 'Switch to Second Lane' }).click();
  await expect(page).toHaveURL(/\/inbox$/);
  await takenOver(page);
  await expect(list(page).getByRole('link', { name: 'dispatch' })).toBeVisible();
  const release = await holdOpened(page);
  await list(page).getByRole('link', { name: 'dispatch' }).click();
  await expect(main(page).getByRole('heading', { name: 'dispatch', level: 1 })).toBeVisible();
  await expect(page.getByText('Of Harbour Lane alone')).toHaveCount(0);
  release();
  await expect(feed(page).getByText('Of Second Lane')).toBeVisible();
  await page.goto(`/inbox/${first.id}`);
  await expect(page.getByText("You don't have access to this conversation")).toBeVisible();
  await expect(page.getByText('Of Harbour Lane alone')).toHaveCount(0);
});
