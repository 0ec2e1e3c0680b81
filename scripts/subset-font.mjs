// Writes of a font what the style sheet uses: subset-font.mjs FONT STYLES OUT
//
// The letters are those of `unicode-range` beside the file's name in STYLES, the weights those of `font-weight`. What a
// browser would never show is a third of the file.

import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import subsetFont from "subset-font";

const [font, styles, out] = process.argv.slice(2);
const faces = readFileSync(styles, "utf8").split("@font-face");
const face = faces.find((face) => face.includes(`/${basename(out)}"`));
if (!face) throw new Error(`${styles} does not use ${basename(out)}`);

function property(name) {
  const found = face.match(new RegExp(`${name}: ([^;]+);`));
  if (!found) throw new Error(`${basename(out)} has no ${name} in ${styles}`);
  return found[1];
}

let letters = "";
for (const range of property("unicode-range").split(",")) {
  const [first, last = first] = range
    .trim()
    .slice("U+".length)
    .split("-")
    .map((number) => parseInt(number, 16));
  for (let letter = first; letter <= last; letter++) letters += String.fromCodePoint(letter);
}
const [min, max] = property("font-weight").split(" ").map(Number);
const subset = await subsetFont(readFileSync(font), letters, {
  targetFormat: "woff2",
  variationAxes: { wght: { min, max } },
});
writeFileSync(out, subset);
