// The benchmarks, one after the other, and their table. run.sh starts this with a throwaway folder and the parts that are wanted.

import { files } from "./files.mjs";
import { againstNginx } from "./http.mjs";
import { hasFailed, printTables } from "./report.mjs";
import { live } from "./live.mjs";
import { restApi } from "./rest.mjs";
import { stopAll } from "./servers.mjs";

const PARTS = { http: againstNginx, files, rest: restApi, live };

const [folder, ...wanted] = process.argv.slice(2);
const parts = wanted.length ? wanted : Object.keys(PARTS);
for (const part of parts) {
  if (PARTS[part]) continue;
  console.error(`There is no part ${part}. Parts: ${Object.keys(PARTS).join(", ")}`);
  process.exit(2);
}
const start = performance.now();
try {
  for (const part of parts) await PARTS[part](folder);
  printTables();
  console.log(`\n${((performance.now() - start) / 1000).toFixed(0)} s in all`);
} finally {
  await stopAll();
}
if (hasFailed()) {
  console.error("A limit was missed: see above.");
  process.exit(1);
}
