// Fails if two constants of a linked WebAssembly file share bytes: check-data-symbols.mjs FILE
//
// dx blanks out the constants of the first module that only others need, by their range. If the linker has laid one constant over
// another's end, a text that is still needed loses its letters, and nothing else would tell:
// https://github.com/DioxusLabs/dioxus/issues/5769. The format is that of the section "linking" in
// https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md.

import { readFileSync } from "node:fs";

const DATA_SYMBOL = 1;
const SECTION_SYMBOL = 3;
const SYMBOL_TABLE = 8;
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;

const bytes = readFileSync(process.argv[2]);
let at = 8; // After the magic number and the version.

function number() {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
}

function text() {
  const length = number();
  at += length;
  return bytes.toString("utf8", at - length, at);
}

function* symbols() {
  for (let left = number(); left > 0; left--) {
    const kind = bytes[at++];
    const flags = number();
    if (kind === DATA_SYMBOL) {
      const name = text();
      if (!(flags & UNDEFINED)) yield { name, segment: number(), start: number(), size: number() };
    } else {
      number();
      if (kind !== SECTION_SYMBOL && (!(flags & UNDEFINED) || flags & EXPLICIT_NAME)) text();
    }
  }
}

/** The contents of the section "linking", as [type, end] of each part with `at` at its beginning. */
function* parts() {
  while (at < bytes.length) {
    const section = bytes[at++];
    const end = number() + at;
    if (section === 0 && text() === "linking") {
      number();
      while (at < end) {
        const type = bytes[at++];
        const partEnd = number() + at;
        yield type;
        at = partEnd;
      }
    }
    at = end;
  }
}

const data = [];
for (const type of parts()) if (type === SYMBOL_TABLE) data.push(...symbols());
if (data.length === 0) {
  console.error(`${process.argv[2]} has no table of symbols: was it linked with relocations?`);
  process.exit(1);
}
data.sort((a, b) => a.segment - b.segment || a.start - b.start);
const sized = data.filter(({ size }) => size > 0);
const shared = sized.filter((one, place) => {
  const before = sized[place - 1];
  return before && before.segment === one.segment && before.start + before.size > one.start;
});
if (shared.length) {
  console.error(`${shared.length} of ${data.length} constants share bytes, such as ${shared[0].name}. Is the linker told -O0?`);
  process.exit(1);
}
