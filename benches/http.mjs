// Attaché beside nginx.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Client } from "./client.mjs";
import { firstLoad } from "./first_load.mjs";
import { alternate, requests, transfer } from "./measure.mjs";
import { GB, MB, compare, kB, limited, perSecond, row, size, throughput } from "./report.mjs";
import { forgetPeak, memory, memoryWithChildren, startAttache, startNginx, stop } from "./servers.mjs";

const MAY_GROW = 32 * 1024 * 1024;
const MAY_LOAD = 450 * kB;

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Random bytes, so that nothing on the way can make less of them. */
function makeFile(folder, name, bytes) {
  const path = join(folder, name);
  const block = randomBytes(Math.min(bytes, 10 * MB));
  writeFileSync(path, block);
  for (let written = block.length; written < bytes; written += block.length) writeFileSync(path, block, { flag: "a" });
  return path;
}

/** A server that has just started takes and gives 4 GB. */
async function memoryOfLargeFiles(folder) {
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

async function downloads(folder, server, client, channel, nginx) {
  console.error("Downloads");
  const files = [["1 kB", kB, 5], ["1 MB", MB, 5], ["1 GB", GB, 5]];
  for (const [name, bytes, rounds] of files) {
    const path = makeFile(folder, "download", bytes);
    const id = await client.store(channel, path, "file.bin");
    rmSync(path);
    const ours = `${server.base}/api/messages/attachments/${id}`;
    const theirs = `${nginx.base}/files/${id}`;
    if (bytes === GB) {
      const how = `curl, 1 connection, median of ${rounds} whole transfers`;
      const rates = await alternate(rounds, {
        attache: () => transfer(ours, { headers: client.headers }),
        peer: () => transfer(theirs),
      });
      compare(`Download ${name}`, throughput, rates, how);
    } else {
      const how = `wrk, 8 connections, median of ${rounds} × 2 s`;
      const rates = await alternate(rounds, {
        attache: () => requests(folder, ours, { headers: client.headers }),
        peer: () => requests(folder, theirs),
      });
      compare(`Download ${name}`, perSecond, rates, how);
    }
  }
}

async function uploads(folder, client, channel, nginx) {
  console.error("Uploads");
  const bytes = 100 * MB;
  const path = makeFile(folder, "upload", bytes);
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
    peer: quiet(() => put(false)),
    durable: quiet(() => put(true)),
  });
  compare("Upload 100 MB", throughput, rates, `${how}; Attaché syncs to disk before it answers, nginx does not`);
  compare("Upload 100 MB, both on disk", throughput, { attache: rates.attache, peer: rates.durable }, `${how}; nginx, then sync of its file`);
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

async function pages(folder, server, client, channel, nginx) {
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
      peer: () => requests(folder, `${nginx.base}/static/answer`),
    });
    compare(what, perSecond, rates, `${how}; nginx: the same ${size(text.length)} as a static file`);
  }
}

async function firstVisit(server, channel) {
  console.error("First visit");
  const { logIn, usable, all, files } = await firstLoad(server.base, channel);
  const how = "Chromium without a cache, bytes on the wire with headers";
  limited("First load: log-in page", logIn, MAY_LOAD, how);
  limited("First load: log-in, then inbox to use", usable, MAY_LOAD, `${how}; pictures of the conversation not counted`);
  limited("First load: with what is fetched ahead", all, MAY_LOAD, `${how}; pictures of the conversation not counted`);
  console.log("The largest of the first load:");
  for (const file of files.sort((a, b) => b.bytes - a.bytes).slice(0, 8)) {
    console.log(`  ${size(file.bytes).padStart(8)}  ${file.encoding.padEnd(5)} ${file.url.slice(0, 90)}`);
  }
}

/** Attaché beside nginx: large files, downloads, uploads, requests, the first visit, memory. */
export async function againstNginx(folder) {
  const large = await memoryOfLargeFiles(folder);
  const data = join(folder, "attache");
  const server = await startAttache(data);
  const client = await Client.signUp(server.base);
  const channel = await client.channel("general");
  mkdirSync(join(folder, "nginx"));
  const nginx = await startNginx(join(folder, "nginx"), join(data, "files/objects"));
  const nginxIdle = memoryWithChildren(nginx.process.pid);
  await downloads(folder, server, client, channel, nginx);
  await uploads(folder, client, channel, nginx);
  const talk = await conversation(client);
  await pages(folder, server, client, talk, nginx);
  await firstVisit(server, talk);
  const peak = memory(server.process.pid).peak;
  const nginxPeak = memoryWithChildren(nginx.process.pid).peak;
  const times = (ours, theirs) => `${(ours / theirs).toFixed(2)}×`;
  row("Memory, idle", size(large.idle.now), size(nginxIdle.now), times(large.idle.now, nginxIdle.now), "VmRSS; nginx: all its processes");
  row("Memory, peak of all above", size(peak), size(nginxPeak), times(peak, nginxPeak), "VmHWM");
  limited("Memory, growth over 4 GB up and down", large.growth, MAY_GROW, "VmHWM less VmRSS before, on a server just started", true);
  await stop(server);
  await stop(nginx);
}
