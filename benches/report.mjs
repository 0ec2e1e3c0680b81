// The table that a run prints, and how its numbers are written.

import { readFileSync } from "node:fs";
import { cpus } from "node:os";

export const kB = 1e3;
export const MB = 1e6;
export const GB = 1e9;
const rows = [];
let failed = false;

/** Whether something was over a limit that it must not pass. */
export const hasFailed = () => failed;

/** A line of the table. `ratio` may be empty: nothing to compare with. */
export function row(what, ours, theirs, ratio, how) {
  rows.push([what, ours, theirs, ratio, how]);
  console.error(`  ${[what, ours, theirs, ratio].join("  ")}`);
}

/** Two rates, where more is better: the ratio is Attaché's share of what the peer does. */
export function compare(what, format, { attache, peer }, how) {
  const ratio = peer === undefined ? "" : `${share(attache / peer)}×`;
  row(what, format(attache), peer === undefined ? "" : format(peer), ratio, how);
}

/** Bytes against what they shall be at most. `must`: over it the run fails. */
export function limited(what, bytes, limit, how, must = false) {
  if (must && bytes > limit) failed = true;
  const ratio = `${(bytes / limit).toFixed(2)}×, ${bytes > limit ? "missed" : "met"}`;
  row(what, size(bytes), `${must ? "limit" : "aim"} ${size(limit)}`, ratio, how);
}

export const share = (ratio) => ratio.toFixed(ratio < 0.1 ? 3 : 2);
export const size = (bytes) => (bytes < MB ? `${(bytes / kB).toFixed(0)} kB` : `${(bytes / MB).toFixed(1)} MB`);
export const throughput = (rate) => `${(rate / MB).toFixed(0)} MB/s`;
export const perSecond = (rate) => `${rate < 20 ? rate.toFixed(1) : rate.toFixed(0)} /s`;

const others = [];

/** A table of its own, head first, for what has no peer. */
export function addTable(table) {
  others.push(table);
}

export function printTables() {
  const model = /model name\s*:\s*(.*)/u.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "unknown processor";
  const load = readFileSync("/proc/loadavg", "utf8").split(" ").slice(0, 3).join(", ");
  const date = new Date().toISOString().slice(0, 10);
  console.log(`\n${date}, ${cpus().length} cores (${model}), everything on 127.0.0.1; load over 1, 5 and 15 minutes at the end: ${load}`);
  if (rows.length) {
    print([["What", "Attaché", "Peer", "Ratio", "How measured"], ...rows]);
    console.log("\nA ratio is Attaché ÷ peer: of rates more is better, of bytes and milliseconds less.");
  }
  others.forEach(print);
}

function print([head, ...lines]) {
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((cells) => cells[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  console.log(`\n${line(head)}\n${line(widths.map((width) => "-".repeat(width)))}`);
  for (const cells of lines) console.log(line(cells));
}
