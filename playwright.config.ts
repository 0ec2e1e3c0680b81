// Browser tests: real Chromium against real servers, on both pairs of engines. `make test-e2e` runs them.
import { defineConfig } from '@playwright/test';
import type { Options } from './tests/e2e/support/test';

/** What needs two servers on one database, which only PostgreSQL can give. */
const TWO_SERVERS = /two-servers\.spec\.ts/;

/** How pages look on a phone has nothing to do with the engines: each pair shows every page once. */
const OTHER_LOOKS = /phone .* is sound/;

/** What happens in the browser alone. */
const BROWSER_ALONE = /(back|first-load|keyboard|lightbox-touch|taking-over|theme|touch|without-javascript)\.spec\.ts/;

export default defineConfig<object, Options>({
  testDir: 'tests/e2e',
  globalSetup: './tests/e2e/support/requirements.ts',
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['./tests/e2e/support/totals.ts']],
  use: {
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    // Actions, requests and the console. Snapshots of each step would make every test a sixth slower; a failing one keeps a picture.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false, sources: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    },
  },
  projects: [
    { name: 'sqlite-local', testIgnore: TWO_SERVERS, use: { engines: 'sqlite-local' } },
    { name: 'postgres-garage', testIgnore: BROWSER_ALONE, grepInvert: OTHER_LOOKS, use: { engines: 'postgres-garage' } },
  ],
});
