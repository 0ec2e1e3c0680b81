// What every browser test stands on: a server for each worker, an organization for each test, a watch on the console.
import { type BrowserContextOptions, expect, test as base } from '@playwright/test';
import { Console } from './console';
import { Line } from './network';
import { Person } from './person';
import { type Engines, Place, Server } from './server';

export type Options = { engines: Engines };

type Test = {
  console: Console;
  /** Mara Ellis, the owner of an organization that nobody else has. */
  mara: Person;
  /** Somebody invited to it. */
  colleague: (name: string, role?: string) => Promise<Person>;
  /** Somebody who is not logged in. */
  visitor: (options?: BrowserContextOptions) => Promise<Person>;
  /**
   * Mara at a server of this test alone, with a line that can be cut where the bytes of uploads pass: to the server itself on local
   * disk, else to the store.
   */
  behindLine: { mara: Person; line: Line };
  /** A server of this test alone. */
  startServer: (settings?: Record<string, string>) => Promise<Server>;
};

export const test = base.extend<Test, Options & { server: Server }>({
  engines: ['sqlite-local', { option: true, scope: 'worker' }],
  server: [
    async ({ engines }, use) => {
      const place = new Place(engines);
      const server = await Server.start(place);
      await use(server);
      await server.stop();
      place.remove();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  console: [
    async ({ server }, use, info) => {
      const console = new Console();
      await use(console);
      if (info.status !== info.expectedStatus) {
        await server.keepLog(info, 'server');
      }
      expect(console.unexpected(), 'errors in the browser').toEqual([]);
    },
    { auto: true },
  ],
  mara: async ({ browser, server, console }, use) => {
    const mara = await Person.visitor(browser, server.base, console, 'Mara Ellis');
    await mara.signUp('Harbour Lane');
    await use(mara);
    await mara.context.close();
  },
  colleague: async ({ browser, console, mara }, use) => {
    const invited: Person[] = [];
    await use(async (name, role = 'member') => {
      const person = await Person.visitor(browser, mara.base, console, name);
      await person.accept(await mara.invite(role));
      invited.push(person);
      return person;
    });
    await Promise.all(invited.map((person) => person.context.close()));
  },
  visitor: async ({ browser, server, console }, use) => {
    const visitors: Person[] = [];
    await use(async (options) => {
      const person = await Person.visitor(browser, server.base, console, 'Vera Visitor', options);
      visitors.push(person);
      return person;
    });
    await Promise.all(visitors.map((person) => person.context.close()));
  },
  behindLine: async ({ engines, browser, startServer, console }, use) => {
    let target: URL;
    const line = await Line.open(() => target);
    let base = line.base;
    if (engines === 'sqlite-local') {
      target = new URL((await startServer()).base);
    } else {
      target = new URL(process.env.TEST_S3_ENDPOINT ?? '');
      base = (await startServer({ S3_ENDPOINT: line.base })).base;
    }
    const mara = await Person.visitor(browser, base, console, 'Mara Ellis');
    await mara.signUp('Harbour Lane');
    await use({ mara, line });
    await mara.context.close();
    await line.end();
  },
  startServer: async ({ engines }, use, info) => {
    const started: [Place, Server][] = [];
    await use(async (settings) => {
      const place = new Place(engines, settings);
      const server = await Server.start(place);
      started.push([place, server]);
      return server;
    });
    for (const [number, [place, server]] of started.entries()) {
      if (info.status !== info.expectedStatus) {
        await server.keepLog(info, `own-server-${number + 1}`);
      }
      await server.stop();
      place.remove();
    }
  },
});

export { expect };
