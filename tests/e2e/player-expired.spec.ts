// A film that was paused until the address that it came from had expired plays on.
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Locator } from '@playwright/test';
import { feed } from './support/conversation';
import { type Sample, sample } from './support/files';
import { Person } from './support/person';
import { expect, test } from './support/test';

/** How much is between the two parts of the film, in bytes: more than a browser reads ahead. */
const GAP = 60_000_000;
/** Samples of the film, of which 25 are a second, and those that are before the gap. */
const SAMPLES = 150;
const NEAR_SAMPLES = 100;

/** The sample film with its last two seconds behind a gap, so that the browser asks for them when they are to play. */
function filmWithGap(): Sample {
  const { name, bytes } = sample('VID_0042.mp4');
  const box = (kind: string, ...content: Buffer[]) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + content.reduce((sum, { length }) => sum + length, 0));
    head.write(kind, 4, 'latin1');
    return Buffer.concat([head, ...content]);
  };
  const numbers = (...all: number[]) => {
    const written = Buffer.alloc(all.length * 4);
    all.forEach((number, place) => written.writeUInt32BE(number, place * 4));
    return written;
  };
  const children = (content: Buffer) => {
    const found: [string, Buffer][] = [];
    for (let at = 0; at < content.length; ) {
      const length = content.readUInt32BE(at);
      found.push([content.toString('latin1', at + 4, at + 8), content.subarray(at + 8, at + length)]);
      at += length;
    }
    return found;
  };
  const top = new Map(children(bytes));
  const media = top.get('mdat')!;
  let sizes = Buffer.alloc(0);
  const table = (content: Buffer, near: number, far: number): Buffer =>
    Buffer.concat(
      children(content).map(([kind, inner]) => {
        if (kind === 'stsz') sizes = inner.subarray(12);
        if (kind === 'stsc') return box(kind, numbers(0, 2, 1, NEAR_SAMPLES, 1, 2, SAMPLES - NEAR_SAMPLES, 1));
        if (kind === 'stco') return box(kind, numbers(0, 2, near, far));
        const isParent = ['trak', 'mdia', 'minf', 'stbl'].includes(kind);
        return box(kind, isParent ? table(inner, near, far) : inner);
      }),
    );
  const start = box('ftyp', top.get('ftyp')!);
  const movie = (near: number, far: number) => box('moov', table(top.get('moov')!, near, far));
  const near = start.length + movie(0, 0).length + 8;
  let split = 0;
  for (let index = 0; index < NEAR_SAMPLES; index += 1) split += sizes.readUInt32BE(index * 4);
  const data = box('mdat', media.subarray(0, split), Buffer.alloc(GAP), media.subarray(split));
  return { name, bytes: Buffer.concat([start, movie(near, near + split + GAP), data]), type: 'video/mp4' };
}

/**
 * Passes requests on to a store, or to a server that has the files itself. Once told, it refuses the addresses of files that were asked
 * for until then, as a store does when they have expired.
 */
class Gate {
  private readonly seen = new Set<string>();
  private readonly expired = new Set<string>();
  /** How often an expired address was asked. */
  refused = 0;

  private constructor(private readonly server: Server) {}

  static async open(target: () => URL): Promise<Gate> {
    const server = createServer((from, to) => gate.pass(target(), from, to));
    const gate = new Gate(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return gate;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  expire(): void {
    this.seen.forEach((address) => this.expired.add(address));
  }

  async close(): Promise<void> {
    const closed = new Promise((closed) => this.server.close(closed));
    this.server.closeAllConnections();
    await closed;
  }

  private pass({ hostname, port }: URL, from: IncomingMessage, to: ServerResponse): void {
    const address = from.url ?? '/';
    const isFile = from.method === 'GET' && /X-Amz-Signature=|^\/api\/messages\/attachments\/[^/]+$/.test(address);
    if (isFile && this.expired.has(address)) {
      this.refused += 1;
      to.writeHead(403).end();
      return;
    }
    if (isFile) {
      this.seen.add(address);
    }
    const on = request({ hostname, port, path: address, method: from.method, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
      answer.on('error', () => to.destroy());
    });
    on.on('error', () => to.destroy());
    from.pipe(on);
    to.on('close', () => on.destroy());
  }
}

const position = (video: Locator) => video.evaluate((element: HTMLMediaElement) => element.currentTime);

test('a film plays on after its address expired', async ({ engines, browser, console, startServer }) => {
  console.expect(/403/);
  let target: URL;
  const gate = await Gate.open(() => target);
  let base = gate.base;
  if (engines === 'sqlite-local') {
    target = new URL((await startServer()).base);
  } else {
    target = new URL(process.env.TEST_S3_ENDPOINT ?? '');
    base = (await startServer({ S3_ENDPOINT: gate.base })).base;
  }
  const mara = await Person.visitor(browser, base, console, 'Mara Ellis');
  await mara.signUp('Harbour Lane');
  const { id } = await mara.channel('dispatch');
  await mara.sayWith(id, 'See', [filmWithGap()]);
  const page = await mara.openConversation(id);
  const player = feed(page).locator('[data-component=VideoPlayer]');
  const video = player.locator('video');
  await player.getByRole('button', { name: /^Play VID_0042\.mp4/ }).click();
  await expect.poll(() => position(video)).toBeGreaterThan(0);
  await player.getByRole('button', { name: 'Pause', exact: true }).click();
  const paused = await position(video);
  expect(paused, 'it is paused before the gap').toBeLessThan(2);

  gate.expire();
  await player.getByRole('button', { name: 'Play', exact: true }).click();
  await expect.poll(() => position(video), { message: 'it plays what is behind the gap', timeout: 30_000 }).toBeGreaterThan(4.5);
  expect(gate.refused, 'the expired address was asked').toBeGreaterThan(0);
  await expect(player).not.toContainText('This browser cannot play');
  await mara.context.close();
  await gate.close();
});
