// Webhooks in the settings: created, tested, verified by an independent library, rotated, read in the log, resent, deleted.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { Webhook } from 'standardwebhooks';
import { seriousFaults } from './support/axe';
import { Person } from './support/person';
import { expect, test } from './support/test';

type Received = { headers: Record<string, string>; body: string };

/** A program that receives webhooks. Responds with each status in turn, and then with 204. */
class Receiver {
  readonly received: Received[] = [];
  readonly statuses: number[] = [];
  private readonly server: Server = createServer((request, response) => void this.take(request, (status) => response.writeHead(status).end('noted')));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async take(request: IncomingMessage, respond: (status: number) => void): Promise<void> {
    let body = '';
    for await (const chunk of request) {
      body += chunk;
    }
    this.received.push({ headers: request.headers as Record<string, string>, body });
    respond(this.statuses.shift() ?? 204);
  }
}

const row = (page: Page) => page.locator('[data-component=WebhookRow]');

async function choose(page: Page, item: string): Promise<void> {
  await row(page).getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('button', { name: item, exact: true }).click();
}

test('a webhook is created, its deliveries are verified, read, resent, and it is deleted', async ({ browser, console, startServer }) => {
  console.expect(/status of 400/);
  const server = await startServer({ WEBHOOK_ALLOWED_HOSTS: '127.0.0.1' });
  const mara = await Person.visitor(browser, server.base, console, 'Mara Ellis');
  await mara.signUp('Harbour Lane');
  const receiver = new Receiver();
  const url = await receiver.start();
  const channel = await mara.channel('dispatch');
  const page = await mara.open('/settings/webhooks');
  await expect(page.getByText('No webhooks')).toBeVisible();
  await page.getByRole('button', { name: 'New webhook' }).click();
  const dialog = page.getByRole('dialog', { name: 'New webhook' });
  expect(await seriousFaults(page)).toEqual([]);
  await dialog.getByLabel('URL').fill('http://10.0.0.1/');
  await dialog.getByRole('button', { name: 'Create webhook' }).click();
  await expect(dialog.getByText(/not public/)).toBeVisible();
  await dialog.getByLabel('URL').fill(url);
  await dialog.getByLabel('A file arrives in a message').check();
  await dialog.getByLabel('Images').check();
  await dialog.getByLabel('Restrict to').fill('dispatch');
  await dialog.getByRole('button', { name: 'Create webhook' }).click();
  await expect(dialog).toHaveCount(0);
  const secret = (await page.getByRole('status').getByText(/^whsec_/).textContent())!.trim();
  await expect(row(page)).toContainText('attachment.ready');
  await expect(row(page)).toContainText('restricted to dispatch');
  await expect(row(page)).toContainText('Enabled');
  expect(await seriousFaults(page)).toEqual([]);

  await choose(page, 'Send test event');
  const log = page.getByRole('dialog', { name: 'Deliveries' });
  await expect(log.locator('summary')).toContainText(['webhook.test']);
  await expect(log.locator('summary')).toContainText(['Delivered, 204']);
  const [tested] = receiver.received;
  expect(new Webhook(secret).verify(tested!.body, tested!.headers)).toMatchObject({ type: 'webhook.test' });
  expect(() => new Webhook(secret).verify(tested!.body.replace('test', 'text'), tested!.headers)).toThrow();
  await log.getByRole('button', { name: 'Close' }).click();

  // A failure is shown with request and response, and can be resent by hand.
  receiver.statuses.push(500);
  await mara.say(channel.id, 'The boiler hisses');
  await expect.poll(() => receiver.received.length).toBeGreaterThan(1);
  await choose(page, 'Show deliveries');
  const delivery = log.locator('[data-component=WebhookDelivery]').first();
  await expect(delivery).toContainText('Retrying, 500');
  await delivery.locator('summary').click();
  await expect(delivery).toContainText('The boiler hisses');
  await expect(delivery).toContainText('noted');
  expect(await seriousFaults(page)).toEqual([]);
  await delivery.getByRole('button', { name: 'Resend' }).click();
  await expect(delivery).toContainText('Delivered, 204');
  const sent = receiver.received.slice(1);
  expect(new Set(sent.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  for (const { headers, body } of sent) {
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'message.created', data: { body: 'The boiler hisses' } });
  }
  await log.getByRole('button', { name: 'Close' }).click();

  // For a day both secrets verify.
  await choose(page, 'Rotate secret');
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate secret' }).click();
  await expect(page.getByText(secret)).toHaveCount(0);
  const rotated = (await page.getByRole('status').getByText(/^whsec_/).textContent())!.trim();
  const before = receiver.received.length;
  await mara.say(channel.id, 'It is fixed');
  await expect.poll(() => receiver.received.length).toBeGreaterThan(before);
  const last = receiver.received.at(-1)!;
  for (const valid of [secret, rotated]) {
    expect(new Webhook(valid).verify(last.body, last.headers)).toMatchObject({ data: { body: 'It is fixed' } });
  }

  await choose(page, 'Disable');
  await expect(row(page)).toContainText('Disabled');
  await choose(page, 'Enable');
  await expect(row(page)).toContainText('Enabled');
  await choose(page, 'Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('No webhooks')).toBeVisible();
  receiver.stop();
  await mara.context.close();
});
