// Slow lines and broken ones.
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';

/** Slow 3G, as Chromium's tools have it: 400 kbit/s and 2 s of latency. */
export const SLOW_3G = { offline: false, latency: 2000, downloadThroughput: 50_000, uploadThroughput: 50_000 };

/** Slows what the page sends down to so many bytes a second; answers what undoes it. */
export async function slowUploads(page: Page, bytesPerSecond: number): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  const set = (uploadThroughput: number) =>
    session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await set(bytesPerSecond);
  return async () => {
    await set(-1);
    await session.detach();
  };
}

/** Holds the browser's code of a page back; answers what lets it go. */
export async function holdCode(page: Page): Promise<() => void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

/** A line between browser and server that can be cut in the middle of a PUT. */
export class Line {
  private cutAfter = Number.POSITIVE_INFINITY;
  readonly cuts: number[] = [];

  private constructor(
    readonly port: number,
    private readonly close: () => Promise<void>,
  ) {}

  /** `target` is asked for with each connection: it may be known only later. */
  static open(target: () => { hostname: string; port: string }): Promise<Line> {
    return new Promise((resolve) => {
      const sockets = new Set<Socket>();
      let line: Line;
      const listener = createServer((near) => {
        const far = connect(Number(target().port), target().hostname);
        for (const socket of [near, far]) {
          sockets.add(socket);
          socket.on('error', () => {});
          socket.on('close', () => {
            sockets.delete(socket);
            near.destroy();
            far.destroy();
          });
        }
        line.carry(near, far);
        far.pipe(near);
      });
      listener.listen(0, '127.0.0.1', () => {
        const close = () =>
          new Promise<void>((closed) => {
            sockets.forEach((socket) => socket.destroy());
            listener.close(() => closed());
          });
        line = new Line((listener.address() as AddressInfo).port, close);
        resolve(line);
      });
    });
  }

  get base(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** From now on each PUT is cut once so many bytes of it have passed. */
  cutPuts(after: number): void {
    this.cutAfter = after;
  }

  mend(): void {
    this.cutAfter = Number.POSITIVE_INFINITY;
  }

  end(): Promise<void> {
    return this.close();
  }

  private carry(near: Socket, far: Socket): void {
    let ofPut: number | undefined;
    near.on('data', (chunk: Buffer) => {
      if (/^(PUT|GET|POST|HEAD|PATCH|DELETE) \//.test(chunk.subarray(0, 8).toString('latin1'))) {
        ofPut = chunk.subarray(0, 4).toString('latin1') === 'PUT ' ? 0 : undefined;
      }
      if (ofPut !== undefined) {
        ofPut += chunk.length;
        if (ofPut > this.cutAfter) {
          this.cuts.push(ofPut);
          near.resetAndDestroy();
          far.destroy();
          return;
        }
      }
      if (!far.write(chunk)) {
        near.pause();
        far.once('drain', () => near.resume());
      }
    });
    near.on('end', () => far.end());
  }
}
