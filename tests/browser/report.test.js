// The HTML report in a real browser, opened from the disk.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { AXE, dataOf, launch, open, report } from "./browser.js";
import { NAMES, hostileStream, millionSamples } from "./hostile.js";

const RUN = "fixtures/runs/memory_stream_20261123T043010Z_phases.ndjson";
const shots = process.env.SCREENSHOTS;
let browser;
let fixtures;

before(async () => {
  browser = await launch();
  fixtures = report("fixtures", ["fixtures/runs"]);
});
after(() => browser.close());

// The sample nearest to a moment, by looking at all of them.
function nearest(memory, at) {
  let best = 0;
  memory.seconds.forEach((second, place) => {
    if (Math.abs(second - at) < Math.abs(memory.seconds[best] - at)) best = place;
  });
  return { seconds: memory.seconds[best], mb: memory.values[best] };
}

async function readout(chart) {
  const { seconds, mb } = await chart.locator(".readout").evaluate((node) => ({ ...node.dataset }));
  return { seconds: Number(seconds), mb: Number(mb) };
}

// Moves the pointer to a share of a chart's width and gives what is read out there.
async function hover(page, chart, share) {
  const box = await chart.locator(".panel.memory").boundingBox();
  await page.mouse.move(box.x + share * box.width, box.y + box.height / 2);
  return readout(chart);
}

test("every run of the fixtures has a page, and the file is small", async () => {
  const { page, faults } = await open(browser, fixtures);
  const { runs } = dataOf(fixtures);
  assert.equal(await page.locator("#overview tbody a").count(), runs.length);
  for (const index of [0, runs.length - 1]) {
    await page.locator(`#overview a[href="#run-${index}"]`).first().click();
    assert.ok(await page.locator(`#run-${index}`).isVisible());
    assert.ok(!(await page.locator("#overview").isVisible()));
    await page.locator(`#run-${index} .back a`).click();
    assert.ok(await page.locator("#overview").isVisible());
  }
  assert.deepEqual(faults, []);
  console.log(`report of ${runs.length} runs: ${statSync(fixtures).size} bytes`);
});

test("values under the cursor are those of the data, at every zoom", async () => {
  const path = report("one", [RUN]);
  const { page, faults, url } = await open(browser, path);
  const { course } = dataOf(path).runs[0];
  await page.goto(`${url}#run-0`);
  const chart = page.locator("#run-0-chart");
  for (const share of [0.1, 0.37, 0.5, 0.93]) {
    const width = (await chart.locator(".panel.memory").boundingBox()).width;
    const shown = await hover(page, chart, share);
    const expected = nearest(course.memory, share * course.end_s);
    // A pixel is this long: a pointer is never more precise.
    assert.ok(Math.abs(shown.seconds - expected.seconds) <= course.end_s / width + 1e-9, `at ${share}`);
    assert.equal(shown.mb, nearest(course.memory, shown.seconds).mb);
  }
  for (let times = 0; times < 3; times += 1) await chart.getByRole("button", { name: "Zoom in" }).click();
  const { from, to } = await chart.evaluate((node) => ({ from: Number(node.dataset.from), to: Number(node.dataset.to) }));
  assert.ok(Math.abs(to - from - course.end_s / 8) < 1e-6, `${from} to ${to}`);
  const shown = await hover(page, chart, 0.5);
  assert.equal(shown.mb, nearest(course.memory, (from + to) / 2).mb);
  const viewBox = await chart.locator(".panel.memory .zoomed").getAttribute("viewBox");
  const [left, , width] = viewBox.split(" ").map(Number);
  assert.ok(Math.abs(left / 2000 - from / course.end_s) < 1e-9 && Math.abs(width / 2000 - 1 / 8) < 1e-9, viewBox);
  await chart.getByRole("button", { name: "Whole run" }).click();
  assert.deepEqual(faults, []);
});

test("dragging selects a stretch, and the drawn line passes through its samples", async () => {
  const path = report("drag", [RUN]);
  const { page, faults, url } = await open(browser, path);
  const { course } = dataOf(path).runs[0];
  await page.goto(`${url}#run-0`);
  const chart = page.locator("#run-0-chart");
  const box = await chart.locator(".panel.memory").boundingBox();
  await page.mouse.move(box.x + 0.25 * box.width, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.5 * box.width, box.y + 30, { steps: 4 });
  await page.mouse.up();
  const { from, to, top } = await chart.evaluate((node) => {
    const { from, to, top } = node.dataset;
    return { from: Number(from), to: Number(to), top: Number(top) };
  });
  assert.ok(Math.abs(from - 0.25 * course.end_s) < 0.01 * course.end_s, `${from}`);
  assert.ok(Math.abs(to - 0.5 * course.end_s) < 0.01 * course.end_s, `${to}`);
  const drawn = (await chart.locator("[data-line=memory]").getAttribute("d")).slice(1).split("L");
  const points = new Set(drawn);
  const inside = course.memory.seconds
    .map((second, place) => [second, course.memory.values[place]])
    .filter(([second]) => second >= from && second <= to);
  assert.ok(inside.length > 0);
  for (const [second, mb] of inside) {
    const point = `${((2000 * second) / course.end_s).toPrecision(9)} ${(1000 * (1 - mb / top)).toFixed(1)}`;
    assert.ok(points.has(point), `${point} is not drawn`);
  }
  assert.deepEqual(faults, []);
});

test("a finding leads to its window on the chart", async () => {
  const { page, faults, url } = await open(browser, fixtures);
  const { runs } = dataOf(fixtures);
  const index = runs.findIndex((run) => run.findings.length > 0 && run.course.memory.seconds.length > 50);
  await page.goto(`${url}#run-${index}`);
  const finding = page.locator(`#run-${index}-finding-0`);
  await finding.getByRole("link", { name: "Show on the chart" }).click();
  const chart = page.locator(`#run-${index}-chart`);
  assert.ok(await chart.isVisible());
  assert.equal(await chart.locator(".window.shown").count(), 1);
  const [from, to] = runs[index].findings[0].evidence.window_s;
  const shown = await chart.evaluate((node) => [Number(node.dataset.from), Number(node.dataset.to)]);
  assert.ok(shown[0] <= from && shown[1] >= Math.min(to, runs[index].course.end_s) - 1e-6, `${shown} of ${from}, ${to}`);
  assert.deepEqual(faults, []);
});

test("the keyboard moves the cursor and zooms", async () => {
  const path = report("keys", [RUN]);
  const { page, faults, url } = await open(browser, path);
  const { course } = dataOf(path).runs[0];
  await page.goto(`${url}#run-0`);
  const chart = page.locator("#run-0-chart");
  const surface = chart.getByRole("slider");
  await surface.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.deepEqual(await readout(chart), { seconds: course.memory.seconds[2], mb: course.memory.values[2] });
  const words = await surface.getAttribute("aria-valuetext");
  assert.ok(words.includes(`${course.memory.values[2].toFixed(2)} MiB`), words);
  await page.keyboard.press("+");
  assert.ok(Number(await chart.getAttribute("data-to")) < course.end_s);
  await page.keyboard.press("0");
  assert.equal(Number(await chart.getAttribute("data-to")), course.end_s);
  assert.deepEqual(faults, []);
});

test("hostile names stay text", async () => {
  const path = report("hostile", [hostileStream()]);
  const { page, faults, url } = await open(browser, path);
  await page.goto(`${url}#run-0`);
  const chart = page.locator("#run-0-chart");
  for (let share = 0.05; share < 1; share += 0.05) await hover(page, chart, share);
  assert.equal(await page.evaluate(() => window.hit), undefined);
  assert.equal(await page.locator("img, b, script[src]").count(), 0);
  const text = await page.locator("body").textContent();
  assert.ok(text.includes(NAMES[0]) && text.includes("{{ 7 * 7 }}") && !text.includes("49 "));
  const shown = await page.locator("main").evaluate((node) => node.textContent);
  assert.ok(!shown.includes("\u202e"), "text is reordered");
  assert.deepEqual(faults, []);
});

test("the policy refuses an injected handler and script", async () => {
  const { page } = await open(browser, fixtures);
  const hit = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.hit = 1";
    document.body.append(script);
    const image = document.createElement("div");
    image.innerHTML = '<img src="x:" onerror="window.hit = 1">';
    document.body.append(image);
    await new Promise((done) => setTimeout(done, 200));
    return window.hit;
  });
  assert.equal(hit, undefined);
});

test("the data can be downloaded", async () => {
  const { page, faults } = await open(browser, fixtures);
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#download").click()]);
  assert.deepEqual(JSON.parse(readFileSync(await download.path(), "utf8")), dataOf(fixtures));
  assert.deepEqual(faults, []);
});

test("a million samples open, zoom and answer the pointer", async () => {
  const path = report("million", [millionSamples()], "--columns", "time=seconds,rss=rss:MiB");
  const began = performance.now();
  const { page, faults, url } = await open(browser, path);
  await page.goto(`${url}#run-0`);
  const chart = page.locator("#run-0-chart");
  await hover(page, chart, 0.5);
  const opened = performance.now() - began;
  const zoomed = await chart.evaluate((node) => {
    const start = performance.now();
    node.querySelector("[data-zoom=in]").click();
    node.getBoundingClientRect();
    return performance.now() - start;
  });
  const { runs } = dataOf(path);
  assert.equal(runs[0].samples, 1_000_000);
  assert.equal(Math.max(...runs[0].course.memory.values), 900, "the spike is kept");
  assert.ok(statSync(path).size < 5_000_000, `${statSync(path).size} bytes`);
  console.log(`a million samples: ${statSync(path).size} bytes, first value under the pointer after ${opened.toFixed(0)} ms, zoom ${zoomed.toFixed(0)} ms`);
  assert.deepEqual(faults, []);
});

test("it prints, all pages of it", async () => {
  const { page, faults } = await open(browser, fixtures);
  const pdf = await page.pdf({ format: "A4" });
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
  assert.ok(pages >= dataOf(fixtures).runs.length, `${pages} pages`);
  assert.deepEqual(faults, []);
});

test("axe-core finds no serious fault, in light and dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    // The policy keeps out every script but the report's own, and so axe's.
    const { page, url } = await open(browser, fixtures, { colorScheme, bypassCSP: true });
    const { runs } = dataOf(fixtures);
    const index = runs.findIndex((run) => run.findings.length > 1);
    for (const place of ["", `#run-${index}`]) {
      await page.goto(url + place);
      await page.evaluate(() => document.querySelectorAll("details").forEach((node) => (node.open = true)));
      await page.addScriptTag({ path: AXE });
      const { violations } = await page.evaluate(() => window.axe.run());
      const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
      const told = serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
      assert.deepEqual(told, [], `${colorScheme} ${place}`);
    }
  }
});

test("nothing leaves the page at any width", async () => {
  if (shots) mkdirSync(shots, { recursive: true });
  const { runs } = dataOf(fixtures);
  const index = runs.findIndex((run) => run.findings.length > 1 && run.course.batches.length > 0);
  for (const width of [360, 768, 1440]) {
    const { page, faults, url } = await open(browser, fixtures, { viewport: { width, height: 900 } });
    for (const [name, place] of [["overview", ""], ["run", `#run-${index}`]]) {
      await page.goto(url + place);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${name} is ${wide} wide at ${width}`);
      if (shots) await page.screenshot({ path: join(shots, `${name}-${width}.png`), fullPage: true });
    }
    assert.deepEqual(faults, []);
  }
});

test("without its script it is complete", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`file://${fixtures}#run-0`);
  assert.ok(await page.locator("#run-0 .line.memory").isVisible());
  assert.ok(!(await page.locator("#run-0 .tools").isVisible()));
  assert.ok((await page.locator("#run-0 table td").count()) > 10);
});
