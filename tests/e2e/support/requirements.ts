// What must be there before the first test. What is missing fails the run with the command that provides it.
import { existsSync } from 'node:fs';

export default function requirements(): void {
  const server = process.env.ATTACHE_SERVER ?? '';
  if (!existsSync(server)) {
    const what = server === '' ? 'ATTACHE_SERVER is not set' : `ATTACHE_SERVER names ${server}, which is not there`;
    throw new Error(`${what}. Run \`make test-e2e\`: it builds the server and says where it is.`);
  }
  const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell';
  if (!existsSync(chromium)) {
    throw new Error(`${chromium} is not there. Run \`make setup-tests\`, or set CHROMIUM to a Chromium of yours.`);
  }
}
