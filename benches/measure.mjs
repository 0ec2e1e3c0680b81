// How a thing is measured: the tools, the alternation, the median.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Measures each of `sides` once per round, the order turned round each time; answers each side's median. */
export async function alternate(rounds, sides) {
  const names = Object.keys(sides);
  const seen = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await sides[name](); // Warms caches and connections, and is not counted.
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 ? [...names].reverse() : names) seen[name].push(await sides[name]());
  }
  return Object.fromEntries(names.map((name) => [name, median(seen[name])]));
}

/** One transfer by curl. Answers bytes per second, sending and receiving together; fails on any status but the 2xx. */
export async function transfer(url, { headers = {}, upload } = {}) {
  const args = ["--silent", "--show-error", "--fail", "--max-time", "120", "--output", "/dev/null"];
  args.push("--write-out", "%{time_total} %{size_download} %{size_upload}", "--header", "Expect:");
  for (const [name, value] of Object.entries(headers)) args.push("--header", `${name}: ${value}`);
  if (upload) args.push("--upload-file", upload);
  const { stdout } = await run("curl", [...args, url]);
  const [seconds, down, up] = stdout.split(" ").map(Number);
  return (down + up) / seconds;
}

/** Requests by wrk for `seconds` over kept connections. Answers how many a second; one that fails is an error. */
export async function requests(folder, url, { headers = {}, method = "GET", body, connections = 8, seconds = 2 } = {}) {
  const script = join(folder, "request.lua");
  const lua = (text) => `"${text.replaceAll(/[\\"]/gu, "\\$&")}"`;
  const lines = [`wrk.method = ${lua(method)}`];
  if (body) lines.push(`wrk.body = ${lua(body)}`);
  for (const [name, value] of Object.entries(headers)) lines.push(`wrk.headers[${lua(name)}] = ${lua(value)}`);
  // Written to standard error, so that it is not mixed with wrk's own report.
  lines.push(`function done(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.stderr:write(string.format("%d %d %d", summary.requests, summary.duration, failed))
  end`);
  writeFileSync(script, lines.join("\n"));
  const args = ["--threads", "1", "--connections", String(connections), "--duration", `${seconds}s`, "--script", script];
  const { stderr } = await run("wrk", [...args, url]);
  const [count, microseconds, failed] = stderr.split(" ").map(Number);
  if (failed || !count) throw new Error(`${failed} of ${count} requests to ${url} failed`);
  return count / (microseconds / 1e6);
}
