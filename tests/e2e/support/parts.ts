// Uploads in parts, seen from outside.
import { closeSync, openSync, writeSync } from 'node:fs';
import { expect, type Page, type Request, type Route } from '@playwright/test';
import type { Person } from './person';

export const MIB = 1024 * 1024;

/** A file on the disk, no part of which is like another. */
export function writeLargeFile(path: string, size: number): void {
  const file = openSync(path, 'w');
  for (let at = 0; at < size; at += MIB) {
    writeSync(file, Buffer.alloc(Math.min(MIB, size - at), `${at} `));
  }
  closeSync(file);
}

/** The number of the part that a PUT carries, on local disk or to a store. */
export function partOf(request: Request): number | undefined {
  if (request.method() !== 'PUT') {
    return undefined;
  }
  const url = new URL(request.url());
  const number = url.searchParams.get('partNumber') ?? /\/parts\/[^/]+\/[^/]+\/(\d+)$/.exec(url.pathname)?.[1];
  return number === undefined || number === null ? undefined : Number(number);
}

/** Notes which parts a page begins to send. */
export function watchParts(page: Page): number[] {
  const begun: number[] = [];
  page.on('request', (request) => {
    const part = partOf(request);
    if (part !== undefined) {
      begun.push(part);
    }
  });
  return begun;
}

/** Holds the PUTs of a page for which `held` is true until they are let go. */
export async function holdPuts(page: Page, held: (request: Request) => boolean = () => true): Promise<() => Promise<void>> {
  const waiting: Route[] = [];
  let open = false;
  await page.route('**/*', (route) => {
    if (!open && route.request().method() === 'PUT' && held(route.request())) {
      waiting.push(route);
      return undefined;
    }
    return route.fallback();
  });
  return async () => {
    open = true;
    // Those of a page that was loaded anew meanwhile are gone.
    await Promise.all(waiting.splice(0).map((route) => route.fallback().catch(() => {})));
  };
}

/** The id of the attachment that a page presigns next. */
export async function nextAttachment(page: Page): Promise<string> {
  const response = await page.waitForResponse(/\/api\/uploads\/presign$/);
  return ((await response.json()) as { resourceId: string }).resourceId;
}

/** The parts that have arrived, as the server tells. */
export async function arrivedParts(person: Person, id: string): Promise<number[]> {
  const { parts } = await person.get<{ parts: { partNumber: number }[] }>(`/api/attachments/${id}/parts`);
  return parts.map((part) => part.partNumber);
}

/** The newest message of a channel has one file, with these bytes. */
export async function expectStored(person: Person, channel: string, bytes: Buffer): Promise<void> {
  const [message] = await person.messages(channel);
  const stored = await person.context.request.get(`/api/messages/attachments/${message!.attachments[0]!.id}?download=1`);
  expect((await stored.body()).equals(bytes), 'what is stored is what was picked').toBe(true);
}
