// A webhook that fails for three days is disabled, and its owner is told where they look.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { seriousFaults } from './support/axe';
import { Person } from './support/person';
import { Place, Server } from './support/server';
import { expect, test } from './support/test';

/** Runs a statement in the database of a server, for a state that would need three days. */
function sql(place: Place, statement: string): void {
  const url = place.environment.DATABASE_URL;
  if (url) {
    execFileSync('psql', ['--quiet', '--no-psqlrc', url, '--command', statement]);
    return;
  }
  const script = 'import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], timeout=10)\ndb.execute(sys.argv[2])\ndb.commit()';
  execFileSync('python3', ['-c', script, join(place.folder, 'attache.db'), statement]);
}

test('the inbox of its owner tells that a webhook was disabled', async ({ engines, browser, console }) => {
  test.setTimeout(120_000);
  const receiver = createServer((incoming, response) => {
    incoming.resume();
    response.writeHead(500).end('out of order');
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const place = new Place(engines, { WEBHOOK_ALLOWED_HOSTS: '127.0.0.1' });
  const server = await Server.start(place);
  try {
    const mara = await Person.visitor(browser, server.base, console, 'Mara Ellis');
    await mara.signUp('Harbour Lane');
    const noor = await Person.visitor(browser, server.base, console, 'Noor Haddad');
    await noor.accept(await mara.invite('admin'));
    const { id } = await mara.channel('dispatch');
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const webhook = await mara.post<{ id: string }>('/api/webhooks', { url, events: ['message.created'] });
    const page = await mara.openConversation(id);
    const colleague = await noor.openConversation(id);
    const notice = page.locator('[data-component=FailingWebhooksNotice]');

    await mara.say(id, 'The boiler hisses');
    const attempts = async () => {
      const log = await mara.get<{ attempts: number; state: string }[]>(`/api/webhooks/${webhook.id}/deliveries`);
      return log[0]?.attempts ?? 0;
    };
    await expect.poll(attempts).toBe(1);
    await expect(notice).toHaveCount(0);
    // Only one attempt is left. It follows 5 seconds after the first one, at most 30 seconds after the second.
    sql(place, "UPDATE webhook_deliveries SET failures = 76 WHERE state = 'pending'");
    await expect(notice).toContainText('One of your webhooks was disabled because its deliveries failed for 3 days.', { timeout: 45_000 });
    expect(await seriousFaults(page)).toEqual([]);
    await expect(colleague.locator('[data-component=FailingWebhooksNotice]')).toHaveCount(0);

    await notice.getByRole('link', { name: 'Open webhooks' }).click();
    const row = page.locator('[data-component=WebhookRow]');
    await expect(row).toContainText('Disabled, failing');
    await row.getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('button', { name: 'Enable', exact: true }).click();
    await expect(row).toContainText('Enabled');
    const inbox = await mara.open('/inbox');
    await expect(inbox.locator('[data-component=FailingWebhooksNotice]')).toHaveCount(0);
    await Promise.all([mara, noor].map((person) => person.context.close()));
  } finally {
    await server.stop();
    place.remove();
    receiver.closeAllConnections();
    receiver.close();
  }
});
