// A team at work: many open pages, each with a conversation, while messages arrive. Each page does what the browser does: it holds
// one event stream, and for a message in its conversation it loads that message and marks it as read.

import { readFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { ACCOUNT, Client } from "./client.mjs";
import { addTable } from "./report.mjs";
import { memory, startAttache, stop } from "./servers.mjs";

const MEMBERS = 10;
const PAGES_OF_MEMBER = 30;
const CHANNELS = 50;
const MESSAGES_PER_SECOND = 5;
const SECONDS = 20;
/** A tick of the processor time in /proc, in milliseconds. */
const TICK = 10;

/** Processor time of a process so far, in milliseconds. */
function processorTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

/** A new member of the owner's organization. */
async function colleague(owner, number) {
  const { url } = await owner.post("/api/invites", { role: "member" });
  const account = { ...ACCOUNT, email: `member${number}@example.com`, name: `Member ${number}` };
  const body = JSON.stringify({ ...account, token: url.split("/").at(-1) });
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(`${owner.base}/api/invites/accept`, { method: "POST", headers, body });
  if (!response.ok) throw new Error(await response.text());
  return new Client(owner.base, response.headers.get("set-cookie").split(";")[0]);
}

/** An open page. `onMessage` is called with the id of each message of which it is told. */
class Page {
  constructor(client, agent, channel, onMessage) {
    Object.assign(this, { client, agent, channel, onMessage, rest: "" });
  }

  open() {
    return new Promise((resolve, reject) => {
      this.stream = http.get(`${this.client.base}/api/events`, { headers: this.client.headers }, (answer) => {
        if (answer.statusCode !== 200) return reject(new Error(`events: ${answer.statusCode}`));
        answer.setEncoding("utf8").on("data", (text) => this.read(text)).on("error", () => {});
        resolve();
      });
      this.stream.on("error", () => {});
    });
  }

  read(text) {
    const blocks = (this.rest + text).split("\n\n");
    this.rest = blocks.pop();
    for (const block of blocks) {
      if (!/^event: message\.created$/mu.test(block)) continue;
      const { channelId, messageId } = JSON.parse(/^data: (.*)$/mu.exec(block)[1]);
      this.onMessage(messageId);
      if (channelId === this.channel) this.show(messageId);
    }
  }

  async show(messageId) {
    await this.request("GET", `/api/messages/${messageId}`);
    await this.request("POST", `/api/channels/${this.channel}/read`, JSON.stringify({ messageId }));
  }

  request(method, path, body) {
    const headers = { ...this.client.headers, ...(body && { "Content-Type": "application/json", "Content-Length": body.length }) };
    return new Promise((resolve, reject) => {
      const sent = http.request(this.client.base + path, { method, agent: this.agent, headers }, (answer) => {
        answer.resume().on("end", resolve);
        if (answer.statusCode !== 200) reject(new Error(`${method} ${path}: ${answer.statusCode}`));
      });
      sent.on("error", reject).end(body);
    });
  }

  close() {
    this.stream.destroy();
  }
}

async function team(folder, name, settings) {
  console.error(`A team at work on ${name}`);
  const server = await startAttache(join(folder, `live-${name}`), { SIGN_UPS_PER_HOUR: "0", ...settings });
  const { pid } = server.process;
  const owner = await Client.signUp(server.base);
  const channels = [];
  for (let number = 0; number < CHANNELS; number++) channels.push(await owner.channel(`channel-${number}`));
  const members = [];
  for (let number = 0; number < MEMBERS; number++) members.push(await colleague(owner, number));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const sentAt = new Map();
  const heard = [];
  const onMessage = (id) => heard.push([id, performance.now()]);
  const pages = members.flatMap((member, at) =>
    Array.from({ length: PAGES_OF_MEMBER }, (_, page) => new Page(member, agent, channels[(at * PAGES_OF_MEMBER + page) % CHANNELS], onMessage)),
  );
  const before = memory(pid).now;
  await Promise.all(pages.map((page) => page.open()));
  const perStream = (memory(pid).now - before) / pages.length / 1e3;
  const [began, busy] = [performance.now(), processorTime(pid)];
  for (let number = 0; number < SECONDS * MESSAGES_PER_SECOND; number++) {
    const due = began + (number * 1000) / MESSAGES_PER_SECOND;
    await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    const asked = performance.now();
    const { id } = await members[number % MEMBERS].send(channels[number % CHANNELS], `Message ${number}`);
    sentAt.set(id, asked);
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const share = (processorTime(pid) - busy) / (performance.now() - began);
  pages.forEach((page) => page.close());
  agent.destroy();
  // From the request to send a message until a page is told of it.
  const delays = heard.map(([id, when]) => when - sentAt.get(id)).sort((a, b) => a - b);
  const at = (part) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))].toFixed(0);
  const expected = pages.length * SECONDS * MESSAGES_PER_SECOND;
  if (delays.length < expected) throw new Error(`${delays.length} of ${expected} events arrived`);
  await stop(server);
  return [`${pages.length} pages, ${MESSAGES_PER_SECOND} messages a second`, name, `${share.toFixed(2)} cores`, `${at(0.5)} ms`, `${at(0.99)} ms`, `${perStream.toFixed(0)} kB`];
}

export async function live(folder) {
  const { TEST_DATABASE_URL } = process.env;
  const rows = [await team(folder, "SQLite", {})];
  if (TEST_DATABASE_URL) rows.push(await team(folder, "PostgreSQL", { DATABASE_URL: TEST_DATABASE_URL }));
  addTable([["What", "Database", "Server", "Event, p50", "Event, p99", "Memory of a stream"], ...rows]);
}
