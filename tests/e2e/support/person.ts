// Somebody with a browser of their own. What a test is not about is done by the HTTP interface, with the same session.
import { randomUUID } from 'node:crypto';
import { type Browser, type BrowserContext, type BrowserContextOptions, expect, type Page } from '@playwright/test';
import type { Console } from './console';
import { type Sample, typeOf } from './files';

export const PASSWORD = 'correct horse battery';

export type Contact = { id: string; channelId: string; firstName: string };
export type Channel = { id: string; name: string };
export type Message = { id: string; body: string; attachments: { id: string; fileName: string; fileSize: number }[] };
export type Presigned = { uploadUrl: string; method: string; headers: Record<string, string>; resourceId: string };

/** Waits until the browser's code has taken over. Pages that are not the app's, such as a shared file's, have no such code. */
export async function takenOver(page: Page): Promise<void> {
  if ((await page.locator('#main').count()) > 0) {
    await expect(page.locator('html')).toHaveAttribute('data-ready');
  }
}

export class Person {
  memberId = '';

  private constructor(
    readonly name: string,
    readonly email: string,
    readonly base: string,
    readonly context: BrowserContext,
    private readonly console: Console,
  ) {}

  /** Not logged in. */
  static async visitor(browser: Browser, base: string, console: Console, name: string, options?: BrowserContextOptions) {
    const context = await browser.newContext({ baseURL: base, ...options });
    context.on('page', (page) => console.watch(page));
    const email = `${name.toLowerCase().replaceAll(' ', '.')}.${randomUUID().slice(0, 8)}@example.com`;
    return new Person(name, email, base, context, console);
  }

  /** The same person with another kind of browser, or at another server of the installation. */
  async elsewhere(browser: Browser, options: BrowserContextOptions): Promise<Person> {
    const base = options.baseURL ?? this.base;
    const context = await browser.newContext({ baseURL: base, ...options });
    await context.addCookies(await this.context.cookies());
    context.on('page', (page) => this.console.watch(page));
    const person = new Person(this.name, this.email, base, context, this.console);
    person.memberId = this.memberId;
    return person;
  }

  async post<T>(path: string, data: object = {}): Promise<T> {
    const response = await this.context.request.post(path, { data });
    expect(response.status(), `${path}: ${await response.text()}`).toBe(200);
    return (await response.json()) as T;
  }

  async get<T>(path: string): Promise<T> {
    const response = await this.context.request.get(path);
    expect(response.status(), `${path}: ${await response.text()}`).toBe(200);
    return (await response.json()) as T;
  }

  async signUp(organization: string): Promise<void> {
    const { name, email } = this;
    const body = { name, email, password: PASSWORD, organization };
    this.memberId = (await this.post<{ memberId: string }>('/api/auth/sign-up', body)).memberId;
  }

  async accept(token: string): Promise<void> {
    const { name, email } = this;
    const body = { token, name, email, password: PASSWORD };
    this.memberId = (await this.post<{ memberId: string }>('/api/invites/accept', body)).memberId;
  }

  /** The token of a new invite. */
  async invite(role: string): Promise<string> {
    const { url } = await this.post<{ url: string }>('/api/invites', { role });
    return url.slice(url.lastIndexOf('/') + 1);
  }

  /** A page of this person, where the browser's code has taken over. */
  async open(path: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(path);
    await takenOver(page);
    return page;
  }

  /** A conversation that is ready to be used. */
  async openConversation(channelId: string): Promise<Page> {
    const page = await this.open(`/inbox/${channelId}`);
    await expect(page.getByRole('button', { name: 'Attach files' })).toBeEnabled();
    return page;
  }

  contact(firstName: string, lastName = '', phone?: string): Promise<Contact> {
    const phones = phone === undefined ? [] : [{ number: phone, preferred: true }];
    return this.post('/api/contacts', { firstName, lastName, phones });
  }

  channel(name: string, isPrivate = false): Promise<Channel> {
    return this.post('/api/channels', { name, kind: 'team', private: isPrivate });
  }

  say(channelId: string, body: string, attachmentIds: string[] = []): Promise<Message> {
    return this.post(`/api/channels/${channelId}/messages`, { body, attachmentIds, idempotencyKey: randomUUID() });
  }

  /** Newest first. */
  messages(channelId: string): Promise<Message[]> {
    return this.get(`/api/channels/${channelId}/messages?limit=200`);
  }

  /** Puts a file up past the page; answers its id. */
  async upload(channelId: string, sample: Sample): Promise<string> {
    const presigned = await this.post<Presigned>('/api/uploads/presign', {
      type: 'attachment',
      channelId,
      fileName: sample.name,
      fileSize: sample.bytes.length,
      contentType: typeOf(sample),
    });
    const { uploadUrl, headers, resourceId } = presigned;
    const put = await fetch(uploadUrl, { method: 'PUT', headers, body: new Uint8Array(sample.bytes) });
    expect(put.ok, await put.text()).toBe(true);
    await this.post(`/api/attachments/${resourceId}/complete`);
    return resourceId;
  }

  /** A message with these files. */
  async sayWith(channelId: string, body: string, samples: Sample[]): Promise<Message> {
    const ids: string[] = [];
    for (const sample of samples) {
      ids.push(await this.upload(channelId, sample));
    }
    return this.say(channelId, body, ids);
  }
}
