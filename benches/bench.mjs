// The benchmarks, one after the other, and their table. run.sh starts this with a throwaway folder.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Client } from "./client.mjs";
import { firstLoad } from "./first_load.mjs";
import { alternate, requests, transfer } from "./measure.mjs";
import { forgetPeak, memory, memoryWithChildren, startAttache, startNginx, stop, stopAll } from "./servers.mjs";

const [folder] = process.argv.slice(2);
const kB = 1e3;
const MB = 1e6;
const GB = 1e9;
const MAY_GROW = 32 * 1024 * 1024;
const MAY_LOAD = 450 * kB;
const rows = [];
let failed = false;

/** Two rates, where more is better: the ratio is Attaché's share of what the peer does. */
function compare(what, format, { attache, nginx }, how) {
  const ratio = nginx === undefined ? "" : `${share(attache / nginx)}×`;
  rows.push([what, format(attache), nginx === undefined ? "" : format(nginx), ratio, how]);
  console.error(`  ${rows.at(-1).slice(0, 4).join("  ")}`);
}

/** Bytes against what they shall be at most. `must`: over it the run fails. */
function limited(what, bytes, limit, how, must = false) {
  if (must && bytes > limit) failed = true;
  const ratio = `${(bytes / limit).toFixed(2)}×, ${bytes > limit ? "missed" : "met"}`;
  rows.push([what, size(bytes), `${must ? "limit" : "aim"} ${size(limit)}`, ratio, how]);
  console.error(`  ${rows.at(-1).slice(0, 4).join("  ")}`);
}

const share = (ratio) => ratio.toFixed(ratio < 0.1 ? 3 : 2);
const size = (bytes) => (bytes < MB ? `${(bytes / kB).toFixed(0)} kB` : `${(bytes / MB).toFixed(1)} MB`);
const throughput = (rate) => `${(rate / MB).toFixed(0)} MB/s`;
const perSecond = (rate) => `${rate.toFixed(0)} /s`;
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Random bytes, so that nothing on the way can make less of them. */
function makeFile(name, bytes) {
  const path = join(folder, name);
  const block = randomBytes(Math.min(bytes, 10 * MB));
  writeFileSync(path, block);
  for (let written = block.length; written < bytes; written += block.length) writeFileSync(path, block, { flag: "a" });
  return path;
}

/** A server that has just started takes and gives 4 GB. */
async function memoryOfLargeFiles() {
  console.error("Memory");
  const data = join(folder, "memory");
  const server = await startAttache(data);
  await pause(1);
  const idle = memory(server.process.pid);
  const client = await Client.signUp(server.base);
  const channel = await client.channel("general");
  await client.send(channel, "Whatever the first request sets up is set up.");
  const sparse = join(folder, "sparse");
  writeFileSync(sparse, "");
  truncateSync(sparse, 4 * GB);
  const { pid } = server.process;
  const before = memory(pid).now;
  forgetPeak(pid);
  const id = await client.store(channel, sparse, "zeros.bin");
  await transfer(`${server.base}/api/messages/attachments/${id}`, { headers: client.headers });
  const growth = memory(pid).peak - before;
  await stop(server);
  rmSync(data, { recursive: true });
  rmSync(sparse);
  return { idle, growth };
}

async function downloads(server, client, channel, nginx) {
  console.error("Downloads");
  const files = [["1 kB", kB, 5], ["1 MB", MB, 5], ["1 GB", GB, 5]];
  for (const [name, bytes, rounds] of files) {
    const path = makeFile("download", bytes);
    const id = await client.store(channel, path, "file.bin");
    rmSync(path);
    const ours = `${server.base}/api/messages/attachments/${id}`;
    const theirs = `${nginx.base}/files/${id}`;
    if (bytes === GB) {
      const how = `curl, 1 connection, median of ${rounds} whole transfers`;
      const rates = await alternate(rounds, {
        attache: () => transfer(ours, { headers: client.headers }),
        nginx: () => transfer(theirs),
      });
      compare(`Download ${name}`, throughput, rates, how);
    } else {
      const how = `wrk, 8 connections, median of ${rounds} × 2 s`;
      const rates = await alternate(rounds, {
        attache: () => requests(folder, ours, { headers: client.headers }),
        nginx: () => requests(folder, theirs),
      });
      compare(`Download ${name}`, perSecond, rates, how);
    }
  }
}

async function uploads(client, channel, nginx) {
  console.error("Uploads");
  const bytes = 100 * MB;
  const path = makeFile("upload", bytes);
  const rounds = 7;
  let count = 0;
  const ours = async () => {
    const signed = await client.presign(channel, "upload.bin", bytes);
    const rate = await transfer(signed.uploadUrl, { headers: signed.headers, upload: path });
    await client.post(`/api/attachments/${signed.resourceId}/fail`, { reason: "measured" });
    return rate;
  };
  const put = async (durable) => {
    const name = `upload-${count++}`;
    const stored = join(folder, "nginx/uploads", name);
    const start = performance.now();
    await transfer(`${nginx.base}/uploads/${name}`, { upload: path });
    if (durable) execFileSync("sync", [stored]);
    const rate = bytes / ((performance.now() - start) / 1000);
    rmSync(stored);
    return rate;
  };
  const how = `curl, 1 connection, median of ${rounds}`;
  // Each alone on a quiet disk: what one left to be written is written before the next begins.
  const quiet = (work) => async () => {
    execFileSync("sync", ["--file-system", folder]);
    return work();
  };
  const rates = await alternate(rounds, {
    attache: quiet(ours),
    nginx: quiet(() => put(false)),
    durable: quiet(() => put(true)),
  });
  compare("Upload 100 MB", throughput, rates, `${how}; Attaché syncs to disk before it answers, nginx does not`);
  compare("Upload 100 MB, both on disk", throughput, { attache: rates.attache, nginx: rates.durable }, `${how}; nginx, then sync of its file`);
  rmSync(path);
}

/** A conversation as people have them: more than a page of messages, each fifth with two pictures. */
async function conversation(client) {
  const channel = await client.channel("launch");
  const picture = "demo/IMG_0237.jpg";
  for (let message = 0; message < 60; message++) {
    const files = [];
    if (message % 5 === 0) {
      for (const name of ["left.jpg", "right.jpg"]) files.push(await client.store(channel, picture, name, "image/jpeg"));
    }
    await client.send(channel, `Message ${message}: the draft is in the folder, have a look when you can.`, files);
  }
  return channel;
}

async function pages(server, client, channel, nginx) {
  console.error("Requests");
  const { headers } = client;
  const rounds = 3;
  const how = `wrk, 8 connections, median of ${rounds} × 2 s`;
  const body = JSON.stringify({
    type: "attachment", channelId: channel, fileName: "photo.jpg", fileSize: 12_345, contentType: "image/jpeg",
  });
  const presign = await alternate(rounds, {
    attache: () =>
      requests(folder, `${server.base}/api/uploads/presign`, {
        method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body,
      }),
  });
  compare("Presign", perSecond, presign, `${how}; each writes a row (SQLite)`);
  const asked = [
    ["Feed page", `/inbox/${channel}`, {}],
    ["Feed page, brotli", `/inbox/${channel}`, { "Accept-Encoding": "br" }],
    ["Messages (API)", `/api/channels/${channel}/messages`, {}],
  ];
  for (const [what, path, accept] of asked) {
    const sent = { ...headers, ...accept };
    const answer = await fetch(server.base + path, { headers: { ...headers, "Accept-Encoding": "identity" }, redirect: "error" });
    const text = await answer.text();
    if (!answer.ok || !text.includes("draft")) throw new Error(`${path} does not show the conversation`);
    writeFileSync(join(folder, "nginx/static/answer"), text);
    const rates = await alternate(rounds, {
      attache: () => requests(folder, server.base + path, { headers: sent }),
      nginx: () => requests(folder, `${nginx.base}/static/answer`),
    });
    compare(what, perSecond, rates, `${how}; nginx: the same ${size(text.length)} as a static file`);
  }
}

async function firstVisit(server, channel) {
  console.error("First visit");
  const { logIn, all, files } = await firstLoad(server.base, channel);
  const how = "Chromium without a cache, bytes on the wire with headers";
  limited("First load: log-in page", logIn, MAY_LOAD, how);
  limited("First load: log-in, then inbox", all, MAY_LOAD, `${how}; pictures of the conversation not counted`);
  return files;
}

async function main() {
  const large = await memoryOfLargeFiles();
  const data = join(folder, "attache");
  const server = await startAttache(data);
  const client = await Client.signUp(server.base);
  const channel = await client.channel("general");
  mkdirSync(join(folder, "nginx"));
  const nginx = await startNginx(join(folder, "nginx"), join(data, "files/objects"));
  const nginxIdle = memoryWithChildren(nginx.process.pid);
  await downloads(server, client, channel, nginx);
  await uploads(client, channel, nginx);
  const talk = await conversation(client);
  await pages(server, client, talk, nginx);
  const files = await firstVisit(server, talk);
  const peak = memory(server.process.pid).peak;
  const nginxPeak = memoryWithChildren(nginx.process.pid).peak;
  const times = (ours, theirs) => `${(ours / theirs).toFixed(2)}×`;
  rows.push(["Memory, idle", size(large.idle.now), size(nginxIdle.now), times(large.idle.now, nginxIdle.now), "VmRSS; nginx: all its processes"]);
  rows.push(["Memory, peak of all above", size(peak), size(nginxPeak), times(peak, nginxPeak), "VmHWM"]);
  limited("Memory, growth over 4 GB up and down", large.growth, MAY_GROW, "VmHWM less VmRSS before, on a server just started", true);
  return files;
}

function print(files) {
  const model = /model name\s*:\s*(.*)/u.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "unknown processor";
  const date = new Date().toISOString().slice(0, 10);
  console.log(`\n${date}, ${cpus().length} cores (${model}), everything on 127.0.0.1\n`);
  const table = [["What", "Attaché", "Peer", "Ratio", "How measured"], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  console.log(line(table[0]));
  console.log(line(widths.map((width) => "-".repeat(width))));
  for (const row of rows) console.log(line(row));
  console.log("\nA ratio is Attaché ÷ peer: of rates more is better, of bytes less. The largest of the first load:");
  for (const file of [...files].sort((a, b) => b.bytes - a.bytes).slice(0, 8)) {
    console.log(`  ${size(file.bytes).padStart(8)}  ${file.encoding.padEnd(5)} ${file.url.slice(0, 90)}`);
  }
}

const start = performance.now();
try {
  const files = await main();
  print(files);
  console.log(`\n${((performance.now() - start) / 1000).toFixed(0)} s in all`);
} finally {
  await stopAll();
}
if (failed) {
  console.error("A limit was missed: see above.");
  process.exit(1);
}
