// What becomes of files: previews beside sharp, archives beside zip, large uploads beside boto3, a long feed of pictures.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, openAsBlob, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "./client.mjs";
import { alternate, transfer } from "./measure.mjs";
import { GB, MB, compare, limited, perSecond, row, size, throughput } from "./report.mjs";
import { scrollThroughPictures } from "./scrolling.mjs";
import { forgetPeak, memory, startAttache, stop } from "./servers.mjs";

const run = promisify(execFile);
const PICTURES = 12;
const MAY_FREEZE = 50;
/** Of the long feed, with four pictures each. */
const MESSAGES = 250;

export async function files(folder) {
  await previews(folder);
  await archives(folder);
  await largeUploads(folder);
  await longFeed(folder);
}

/** Photos as phones take them, 12 megapixels with their noise; each is another. */
async function previews(folder) {
  console.error("Previews");
  const photos = join(folder, "photos");
  mkdirSync(photos);
  await run("node", ["benches/sharp.mjs", "make", photos, String(PICTURES)]);
  const paths = Array.from({ length: PICTURES }, (_, number) => join(photos, `${number}.jpg`));
  const server = await startAttache(join(folder, "previews"));
  const client = await Client.signUp(server.base);
  let round = 0;
  let theirPeak = 0;
  forgetPeak(server.process.pid);
  const ours = async () => {
    const channel = await client.channel(`photos ${round++}`);
    const ids = [];
    for (const path of paths) ids.push(await client.put(channel, path, "photo.jpg", "image/jpeg"));
    const start = performance.now();
    await Promise.all(ids.map((id) => client.complete(id)));
    await client.send(channel, "Photos", ids);
    while ((await client.latest(channel)).attachments.some(({ preview }) => preview.state === "pending")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (!(await client.latest(channel)).attachments.every(({ preview }) => preview.state === "ready")) {
      throw new Error("A photo has no preview");
    }
    return PICTURES / ((performance.now() - start) / 1000);
  };
  const sharp = async () => {
    const { stdout } = await run("node", ["benches/sharp.mjs", "shrink", ...paths]);
    const { seconds, peak } = JSON.parse(stdout);
    theirPeak = Math.max(theirPeak, peak);
    return PICTURES / seconds;
  };
  const rates = await alternate(3, { attache: ours, peer: sharp });
  const peak = memory(server.process.pid).peak;
  const how = `${PICTURES} JPEGs of 12 MP, each to 800 × 640 and to 2560 × 2560 as WebP, two at a time, median of 3`;
  compare("Previews", perSecond, rates, `${how}; peer: sharp. Attaché also looks for a location, hashes and stores`);
  row("Previews, peak memory", size(peak), size(theirPeak), `${(peak / theirPeak).toFixed(2)}×`, "VmHWM; peer: sharp in Node");
  await stop(server);
}

/** A conversation of 1 GB in a hundred files. */
async function archives(folder) {
  console.error("Archives");
  const source = join(folder, "zip");
  mkdirSync(source);
  const server = await startAttache(join(folder, "archives"));
  const client = await Client.signUp(server.base);
  const channel = await client.channel("papers");
  const bytes = 10 * MB;
  for (let message = 0; message < 10; message++) {
    const ids = [];
    for (let file = 0; file < 10; file++) {
      const path = join(source, `${message}-${file}.bin`);
      writeFileSync(path, randomBytes(bytes));
      ids.push(await client.store(channel, path, `${message}-${file}.bin`));
    }
    await client.send(channel, "Papers", ids);
  }
  const { pid } = server.process;
  const before = memory(pid).now;
  forgetPeak(pid);
  const rates = await alternate(3, {
    attache: () => transfer(`${server.base}/api/channels/${channel}/zip`, { headers: client.headers }),
    peer: async () => {
      const start = performance.now();
      await run("sh", ["-c", "zip -0 -q - *.bin >/dev/null"], { cwd: source });
      return GB / ((performance.now() - start) / 1000);
    },
  });
  const how = "100 files of 10 MB, not compressed, to /dev/null, median of 3";
  compare("Zip of 1 GB", throughput, rates, `${how}; Attaché through curl; peer: zip -0`);
  limited("Zip of 1 GB, growth of memory", memory(pid).peak - before, 32 * 1024 * 1024, "VmHWM less VmRSS before", true);
  await stop(server);
  rmSync(source, { recursive: true });
}

/** 2 GB in parts to one store (Garage), by Attaché's presigned parts and by boto3; four parts at a time, equally large. */
async function largeUploads(folder) {
  console.error("Large uploads");
  const path = join(folder, "large");
  const block = randomBytes(64 * MB);
  for (let written = 0; written < 2 * GB; written += block.length) writeFileSync(path, block, { flag: "a" });
  const server = await startAttache(join(folder, "large-uploads"), {
    S3_ENDPOINT: process.env.TEST_S3_ENDPOINT,
    S3_REGION: process.env.TEST_S3_REGION,
    S3_BUCKET: process.env.TEST_S3_BUCKET,
    S3_ACCESS_KEY_ID: process.env.TEST_S3_ACCESS_KEY_ID,
    S3_SECRET_ACCESS_KEY: process.env.TEST_S3_SECRET_ACCESS_KEY,
  });
  const client = await Client.signUp(server.base);
  const channel = await client.channel("films");
  const file = await openAsBlob(path);
  let partSize;
  const ours = async () => {
    const start = performance.now();
    const signed = await client.presign(channel, "film.bin", file.size);
    ({ partSize } = signed.multipart);
    const numbers = Array.from({ length: signed.multipart.partCount }, (_, place) => place + 1);
    const one = async () => {
      for (let number = numbers.shift(); number; number = numbers.shift()) {
        await sendPart(client, signed.resourceId, number, file.slice((number - 1) * partSize, number * partSize));
      }
    };
    await Promise.all([one(), one(), one(), one()]);
    await client.complete(signed.resourceId);
    return file.size / ((performance.now() - start) / 1000);
  };
  const boto3 = async () => {
    const { stdout } = await run(process.env.BENCH_PYTHON, ["benches/upload.py", path, String(partSize)]);
    return file.size / Number(stdout);
  };
  const rates = await alternate(2, { attache: ours, peer: boto3 });
  const how = `in parts of ${size(partSize)}, four at a time, to Garage on this machine, median of 2`;
  compare("Upload of 2 GB in parts", throughput, rates, `${how}; both with the SHA-256 of each part; peer: boto3`);
  await stop(server);
  rmSync(path);
}

async function sendPart(client, id, partNumber, bytes) {
  const body = new Uint8Array(await bytes.arrayBuffer());
  const checksumSha256 = Buffer.from(await crypto.subtle.digest("SHA-256", body)).toString("base64");
  const { parts } = await client.post(`/api/attachments/${id}/parts`, { parts: [{ partNumber, checksumSha256 }] });
  const [{ uploadUrl, method, headers }] = parts;
  const answer = await fetch(uploadUrl, { method, headers, body });
  if (!answer.ok) throw new Error(`Part ${partNumber}: ${answer.status} ${await answer.text()}`);
}

/** A conversation of a thousand pictures, scrolled from its end to its beginning. */
async function longFeed(folder) {
  console.error("A long feed");
  const server = await startAttache(join(folder, "feed"));
  const client = await Client.signUp(server.base);
  const channel = await client.channel("site");
  const photo = await readFile("demo/IMG_0237.jpg");
  for (let message = 0; message < MESSAGES; message++) {
    const one = () => client.storeBytes(channel, photo, "photo.jpg", "image/jpeg");
    await client.send(channel, `Round ${message}`, await Promise.all([one(), one(), one(), one()]));
  }
  while ((await client.latest(channel)).attachments.some(({ preview }) => preview.state === "pending")) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { frames, jump, pictures } = await scrollThroughPictures(server.base, channel, `Round ${MESSAGES - 1}`, "Round 0");
  // To the millisecond, for the browser's clock has tenths and three frames of a 60th are 50.0.
  const sorted = frames.map(Math.round).toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.floor((sorted.length - 1) * share)];
  const slow = sorted.filter((frame) => frame > MAY_FREEZE).length;
  const ms = (number) => `${number} ms`;
  const how = `${pictures} pictures in ${MESSAGES} messages, ${frames.length} frames, Chromium without a graphics card`;
  row("Scrolling, frame p50 / p99", `${ms(at(0.5))} / ${ms(at(0.99))}`, "", "", how);
  row("Scrolling, longest frame", ms(at(1)), `aim ${ms(MAY_FREEZE)}`, at(1) > MAY_FREEZE ? `missed by ${slow} frames` : "met", how);
  row("Scrolling, largest jump", `${jump.toFixed(0)} px`, "aim 0 px", jump > 1 ? "missed" : "met", "of the message in the middle of the window, beyond the scrolling");
  await stop(server);
}
