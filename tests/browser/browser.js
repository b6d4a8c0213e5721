// The browser and the pages under test: Debian's chromium, opened on files.

import { createRequire } from "node:module";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

// Packages lie in the build folder, not in the tree.
const installed = createRequire(join(resolve(process.env.BROWSER_MODULES), "package.json"));
const { chromium } = installed("playwright-core");

export const AXE = installed.resolve("axe-core/axe.min.js");
export const REPOSITORY = resolve(import.meta.dirname, "../..");

const folder = mkdtempSync(join(tmpdir(), "memtool-report-"));

// Writes a report on some files and gives its path.
export function report(name, paths, ...options) {
  const path = join(folder, `${name}.html`);
  execFileSync(resolve(process.env.MEMTOOL), ["report", ...paths, "--output", path, ...options], {
    cwd: REPOSITORY,
    stdio: ["ignore", "ignore", "inherit"],
    maxBuffer: 1 << 28,
  });
  return path;
}

export const scratch = (name) => join(folder, name);

export const dataOf = (path) => {
  const html = readFileSync(path, "utf8");
  const [, json] = html.match(/<script type="application\/json" id="data">(.*?)<\/script>/s);
  return JSON.parse(json);
};

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    // CI runs as root in a container, where the sandbox cannot start.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

// Opens a report from the disk; faults are errors in the console, and requests for anything but the file itself.
export async function open(browser, path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const url = pathToFileURL(path).href;
  const faults = [];
  page.on("console", (message) => message.type() !== "log" && faults.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    const same = request.url().split("#")[0] === url || request.url().startsWith("blob:");
    if (!same) faults.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  await page.waitForSelector("html[data-ready=yes]", { state: "attached" });
  return { page, faults, url };
}
