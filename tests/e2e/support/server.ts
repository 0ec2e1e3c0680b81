// The built server as a process of its own, on a free port, with a fresh database and a fresh folder.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestInfo } from '@playwright/test';

export type Engines = 'sqlite-local' | 'postgres-garage';

type Environment = Record<string, string>;

function variable(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(
      `${name} is not set: there is no PostgreSQL and no Garage to test on. Run \`make test-e2e\`, or ` +
        '`scripts/with-engines.sh npx playwright test`; `scripts/install-engines.sh` installs both.',
    );
  }
  return value;
}

/** A new, empty database. */
function createDatabase(): string {
  const url = new URL(variable('TEST_DATABASE_URL'));
  const name = `e2e_${randomBytes(8).toString('hex')}`;
  execFileSync('psql', ['--quiet', '--no-psqlrc', url.href, '--command', `CREATE DATABASE ${name}`]);
  url.pathname = `/${name}`;
  return url.href;
}

/** Where the servers of an installation keep everything. Several servers may share one. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'attache-e2e-'));
  readonly environment: Environment;

  /** `settings` go before what the engines ask for. */
  constructor(
    readonly engines: Engines,
    settings: Environment = {},
  ) {
    const own: Environment = engines === 'sqlite-local' ? {} : {
      DATABASE_URL: createDatabase(),
      S3_BUCKET: variable('TEST_S3_BUCKET'),
      S3_ENDPOINT: variable('TEST_S3_ENDPOINT'),
      S3_REGION: variable('TEST_S3_REGION'),
      S3_ACCESS_KEY_ID: variable('TEST_S3_ACCESS_KEY_ID'),
      S3_SECRET_ACCESS_KEY: variable('TEST_S3_SECRET_ACCESS_KEY'),
    };
    this.environment = { DATA_DIR: this.folder, SIGN_UP: 'open', SIGN_UPS_PER_HOUR: '0', ...own, ...settings };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class Server {
  private constructor(
    readonly base: string,
    private readonly process: ChildProcess,
    private readonly lines: string[],
  ) {}

  /** Returns once it listens. */
  static start(place: Place): Promise<Server> {
    const binary = process.env.ATTACHE_SERVER ?? '';
    const env = { PATH: process.env.PATH ?? '', IP: '127.0.0.1', PORT: '0', ...place.environment };
    const child = spawn(binary, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const lines: string[] = [];
    return new Promise((resolve, reject) => {
      let rest = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        const parts = (rest + text).split('\n');
        rest = parts.pop() ?? '';
        for (const line of parts) {
          lines.push(line);
          const address = /Attaché is at (\S+)/.exec(line)?.[1];
          if (address) {
            resolve(new Server(address, child, lines));
          }
        }
      });
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`The server ended with ${code}:\n${lines.join('\n')}${rest}`)));
    });
  }

  /** Writes the end of its log where a test that failed keeps its trace. */
  async keepLog(info: TestInfo, name: string): Promise<void> {
    const path = info.outputPath(`${name}.log`);
    writeFileSync(path, this.lines.slice(-5000).join('\n'));
    await info.attach(`${name} log`, { path, contentType: 'text/plain' });
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) {
      return;
    }
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await ended;
  }
}
