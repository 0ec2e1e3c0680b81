// The peer of the previews, in a process of its own so that its memory can be told:
//   sharp.mjs make FOLDER COUNT     writes photos of 12 megapixels with noise
//   sharp.mjs shrink FILE…          makes of each what Attaché makes, two at a time; prints seconds and peak memory

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const sharp = createRequire(`${process.env.BENCH_TOOLS}/bench/`)("sharp");
const [what, ...rest] = process.argv.slice(2);

if (what === "make") {
  const [folder, count] = rest;
  for (let number = 0; number < Number(count); number++) {
    const noise = { type: "gaussian", mean: 128, sigma: 40 };
    const picture = sharp({ create: { width: 4000, height: 3000, channels: 3, noise, background: "#888" } }).blur(2);
    writeFileSync(join(folder, `${number}.jpg`), await picture.jpeg({ quality: 88 }).toBuffer());
  }
} else {
  const start = performance.now();
  const paths = [...rest];
  const shrink = async () => {
    for (let path = paths.shift(); path; path = paths.shift()) {
      const sizes = [[800, 640, 75], [2560, 2560, 84]];
      for (const [width, height, quality] of sizes) {
        await sharp(path).rotate().resize(width, height, { fit: "inside", withoutEnlargement: true }).webp({ quality }).toBuffer();
      }
    }
  };
  await Promise.all([shrink(), shrink()]);
  const peak = Number(/VmHWM:\s+(\d+)/u.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000, peak }));
}
