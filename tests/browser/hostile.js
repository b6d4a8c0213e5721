// A recording whose every name tries to be markup, and one of a million samples.

import { openSync, readFileSync, writeFileSync, writeSync, closeSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY, scratch } from "./browser.js";

export const NAMES = [
  '<img src=x onerror="window.hit=1">',
  "</script><script>window.hit=1</script>",
  '"><svg onload=window.hit=1>',
  "{{ 7 * 7 }}",
  "<!--",
  "\u202ereversed",
];

// A genuine stream with its job and operations renamed.
export function hostileStream() {
  const source = join(REPOSITORY, "fixtures/runs/memory_stream_20261123T043010Z_phases.ndjson");
  let turn = 0;
  const next = () => NAMES[turn++ % NAMES.length];
  const lines = readFileSync(source, "utf8").trimEnd().split("\n").map((line) => {
    const record = JSON.parse(line);
    if (record.type === "header") record.process.job = NAMES[0];
    for (const key of ["operation", "name"]) if (typeof record[key] === "string") record[key] = next();
    return JSON.stringify(record);
  });
  const path = scratch('memory_stream_<b onclick="window.hit=1">.ndjson');
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

// A run of a million samples, ten a second, with one spike.
export function millionSamples() {
  const path = scratch("million.csv");
  const file = openSync(path, "w");
  writeSync(file, "seconds,rss\n");
  for (let block = 0; block < 100; block += 1) {
    let text = "";
    for (let index = block * 10000; index < (block + 1) * 10000; index += 1) {
      const mb = index === 777777 ? 900 : 400 + 60 * Math.sin(index / 9000) + (index % 17);
      text += `${(index / 10).toFixed(1)},${mb.toFixed(2)}\n`;
    }
    writeSync(file, text);
  }
  closeSync(file);
  return path;
}
