// What programs do over the REST API, at 16 and 64 clients, on SQLite and on PostgreSQL; and what checking a token costs among many.
// Each line is one run, in order, on one server.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import http from "node:http";
import { join } from "node:path";
import { Client } from "./client.mjs";
import { addTable } from "./report.mjs";
import { forgetPeak, memory, startAttache, stop } from "./servers.mjs";

const SECONDS = 3;
const MANY_TOKENS = 100_000;
const ROUNDS = 5;
const rows = [];

/** One request over a kept connection, read to its end. Answers milliseconds; fails on any other status. */
function request(agent, url, { method = "GET", headers = {}, body, status }) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const sent = http.request(url, { method, agent, headers: body ? { ...headers, "Content-Length": body.length } : headers }, (answer) => {
      answer.on("data", () => {});
      answer.on("end", () => {
        if (answer.statusCode === status) resolve(performance.now() - began);
        else reject(new Error(`${method} ${url}: ${answer.statusCode}`));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** So many clients ask one after the other for some seconds. */
async function load(clients, make, length = SECONDS) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  const times = [];
  const [url, what] = make(0);
  await request(agent, url, what); // Warms up, and is not counted.
  const end = performance.now() + length * 1000;
  const began = performance.now();
  let number = 1;
  const client = async () => {
    while (performance.now() < end) {
      const [url, what] = make(number++);
      times.push(await request(agent, url, what));
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
  return { rate: times.length / seconds, p50: at(0.5), p99: at(0.99) };
}

function form(fields, name, bytes) {
  const head = Object.entries(fields).map(([key, value]) => `--b\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`);
  head.push(`--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`);
  return Buffer.concat([Buffer.from(head.join("")), bytes, Buffer.from("\r\n--b--\r\n")]);
}

/** Text of random letters: of a type that is taken, and nothing on the way can make much less of it. */
const letters = (bytes) => Buffer.from(randomBytes(bytes / 2).toString("hex"));

async function pair(folder, name, settings, seed) {
  console.error(`REST API on ${name}`);
  // Without a limit of requests, for one client stands for many here.
  const server = await startAttache(join(folder, name), { API_REQUESTS_PER_MINUTE: "0", ...settings });
  const { pid } = server.process;
  const client = await Client.signUp(server.base);
  const api = `${server.base}/api/v1`;
  const bucket = (await client.post("/api/buckets", { name: "bench" })).id;
  const scopes = ["messages:write", "messages:read", "attachments:write", "attachments:read", "buckets:write"];
  const token = (await client.post("/api/access-tokens", { name: "bench", scopes })).secret;
  const auth = { Authorization: `Bearer ${token}` };
  const json = { ...auth, "Content-Type": "application/json" };
  const multipart = { ...auth, "Content-Type": "multipart/form-data; boundary=b" };
  const small = form({ bucketId: bucket, title: "Person at the door" }, "a.txt", letters(20_000));
  const large = form({}, "a.txt", letters(1_000_000));
  const sent = await fetch(`${api}/messages/with-attachment`, { method: "POST", headers: multipart, body: small });
  const file = (await sent.json()).attachments[0].attachmentUuid;
  const message = Buffer.from(JSON.stringify({ bucketId: bucket, title: "Build 512 is out", body: "All tests passed." }));
  const works = {
    "Message": () => [`${api}/messages`, { method: "POST", headers: json, body: message, status: 201 }],
    "Message with a file of 20 kB": () => [`${api}/messages/with-attachment`, { method: "POST", headers: multipart, body: small, status: 201 }],
    "Upload of 1 MB": () => [`${api}/attachments/upload`, { method: "POST", headers: multipart, body: large, status: 201 }],
    "Public download of 20 kB": () => [`${api}/attachments/${file}/download/public`, { status: 200 }],
  };
  for (const [what, make] of Object.entries(works)) {
    for (const clients of [16, 64]) {
      forgetPeak(pid);
      const { rate, p50, p99 } = await load(clients, make);
      const peak = memory(pid).peak / 1e6;
      rows.push([`${what}, ${clients} clients`, name, `${rate.toFixed(0)} /s`, `${p50.toFixed(1)} ms`, `${p99.toFixed(1)} ms`, `${peak.toFixed(0)} MB`]);
      console.error(`  ${rows.at(-1).join("  ")}`);
    }
  }
  await tokens(name, server, auth, seed);
  await stop(server);
}

/** The same request among ten tokens and among very many, in turns: its cost lies in the check. */
async function tokens(name, server, auth, seed) {
  const ask = () => [`${server.base}/api/v1/buckets?limit=1`, { headers: auth, status: 200 }];
  const rates = async () => {
    const seen = [];
    for (let round = 0; round < ROUNDS; round++) seen.push((await load(1, ask, 1)).p50);
    return seen.sort((a, b) => a - b)[ROUNDS >> 1];
  };
  seed(9);
  const few = await rates();
  seed(MANY_TOKENS - 10);
  const many = await rates();
  const ratio = `${(many / few).toFixed(2)}×`;
  rows.push([`Token check, 10 → ${MANY_TOKENS} tokens`, name, ratio, `${few.toFixed(2)} → ${many.toFixed(2)} ms`, "", ""]);
  console.error(`  ${rows.at(-1).join("  ")}`);
}

const COPY = "organization_id, member_id, name, start, scopes, channel_id, created_at, expires_at, last_used_at, revoked_at";

/** Copies of the one token, with secrets that nobody has. */
const seedSqlite = (folder) => (count) => {
  const sql = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
    INSERT INTO access_tokens (id, token_hash, ${COPY})
    SELECT randomblob(16), randomblob(32), ${COPY} FROM n, (SELECT * FROM access_tokens LIMIT 1)`;
  const program = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=30); c.execute(sys.argv[2]); c.commit()";
  execFileSync("python3", ["-c", program, join(folder, "SQLite", "attache.db"), sql]);
};

const seedPostgres = (database) => (count) => {
  const sql = `INSERT INTO access_tokens (id, token_hash, ${COPY})
    SELECT gen_random_uuid(), sha256(gen_random_uuid()::text::bytea), ${COPY}
    FROM generate_series(1, ${count}), (SELECT * FROM access_tokens LIMIT 1) AS one`;
  execFileSync("psql", ["--quiet", "--set", "ON_ERROR_STOP=1", "--command", sql, database]);
};

export async function restApi(folder) {
  const { TEST_DATABASE_URL } = process.env;
  if (!TEST_DATABASE_URL) throw new Error("TEST_DATABASE_URL is not set: scripts/with-engines.sh sets it.");
  await pair(folder, "SQLite", {}, seedSqlite(folder));
  await pair(folder, "PostgreSQL", { DATABASE_URL: TEST_DATABASE_URL }, seedPostgres(TEST_DATABASE_URL));
  addTable([["What", "Database", "Rate", "p50", "p99", "Memory, peak"], ...rows]);
}
