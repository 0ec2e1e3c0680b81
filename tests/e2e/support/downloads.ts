// Downloads as a person has them: the browser itself picks the name and writes the file.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CDPSession, Page } from '@playwright/test';

export class Downloads {
  private constructor(
    private readonly browser: CDPSession,
    private readonly folder: string,
  ) {}

  /** Has the browser save what `page` downloads in an empty folder, without asking. */
  static async of(page: Page, folder: string): Promise<Downloads> {
    mkdirSync(folder, { recursive: true });
    const own = await page.context().newCDPSession(page);
    const { targetInfo } = await own.send('Target.getTargetInfo');
    const browser = await page.context().browser()!.newBrowserCDPSession();
    await browser.send('Browser.setDownloadBehavior', {
      behavior: 'allow',
      browserContextId: targetInfo.browserContextId,
      downloadPath: folder,
      eventsEnabled: true,
    });
    return new Downloads(browser, folder);
  }

  /** What `action` adds to the folder. */
  async take(action: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
    const before = new Set(this.names());
    const done = new Promise<void>((resolve, reject) => {
      this.browser.on('Browser.downloadProgress', ({ state }) => {
        if (state === 'completed') {
          resolve();
        } else if (state === 'canceled') {
          reject(new Error('The download was broken off'));
        }
      });
    });
    await action();
    await done;
    const added = this.names().filter((name) => !before.has(name));
    if (added.length !== 1) {
      throw new Error(`One file was to be saved, not ${JSON.stringify(added)}`);
    }
    return { name: added[0]!, bytes: readFileSync(join(this.folder, added[0]!)) };
  }

  private names(): string[] {
    return readdirSync(this.folder);
  }
}
