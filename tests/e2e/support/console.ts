// Nothing may go wrong unseen: whatever a page reports as an error fails its test, also what its content policy blocks.
import type { ConsoleMessage, Page } from '@playwright/test';

/** What only development builds say: they look for the tool that rebuilds them. */
const DEVELOPMENT = [/\/_dioxus/, /WARN .*dioxus/];

export class Console {
  private readonly errors: string[] = [];
  private readonly expected: RegExp[] = [];

  watch(page: Page): void {
    page.on('console', (message: ConsoleMessage) => {
      if (message.type() === 'error') {
        this.note(`${message.text()} (${message.location().url})`);
      }
    });
    page.on('pageerror', (error) => this.note(error.stack ?? error.message));
  }

  /** For a test that breaks something on purpose. */
  expect(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  unexpected(): string[] {
    return this.errors.filter((text) => !this.expected.some((pattern) => pattern.test(text)));
  }

  private note(text: string): void {
    if (!DEVELOPMENT.some((pattern) => pattern.test(text))) {
      this.errors.push(text);
    }
  }
}
