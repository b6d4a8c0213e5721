"use strict";
// Zoom, values under the cursor, links from findings to the chart, and the download of the data.
// The page is complete without it: charts, tables and findings are in the HTML.
(() => {
  const WIDTH = 2000;
  const HEIGHT = 1000;
  // Strokes that a line is drawn with at most: about two per pixel of a wide screen.
  const MOST_COLUMNS = 1500;
  const SVG = "http://www.w3.org/2000/svg";
  const source = document.getElementById("data").textContent;
  const report = JSON.parse(source);
  const charts = new Map();

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  // The last place whose moment is not after the given one; -1 before the first.
  function placeBefore(seconds, at) {
    let low = 0;
    let high = seconds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seconds[middle] <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  function nearest(seconds, at) {
    const before = placeBefore(seconds, at);
    if (before < 0) return 0;
    if (before + 1 >= seconds.length) return before;
    return at - seconds[before] <= seconds[before + 1] - at ? before : before + 1;
  }

  // The samples of a stretch with one neighbour on each side; of many the extremes of each column.
  function shown(line, from, to) {
    const first = Math.max(placeBefore(line.seconds, from), 0);
    const last = Math.min(placeBefore(line.seconds, to) + 1, line.seconds.length - 1);
    const count = last - first + 1;
    const every = Math.ceil(count / MOST_COLUMNS);
    const places = [];
    for (let start = first; start <= last; start += every) {
      const end = Math.min(start + every - 1, last);
      let low = start;
      let high = start;
      for (let place = start; place <= end; place += 1) {
        if (line.values[place] < line.values[low]) low = place;
        if (line.values[place] > line.values[high]) high = place;
      }
      const kept = new Set([start, Math.min(low, high), Math.max(low, high), end]);
      places.push(...kept);
    }
    return places;
  }

  function roundStep(rough) {
    const power = 10 ** Math.floor(Math.log10(rough));
    const factor = [1, 2, 5, 10].find((one) => one * power >= rough * (1 - 1e-9));
    return factor * power;
  }

  const units = [[180, 1, "s"], [10800, 60, "min"], [Infinity, 3600, "h"]];
  const unitFor = (span) => units.find(([most]) => span <= most);

  function written(value, step) {
    const places = step >= 1 ? 0 : clamp(Math.ceil(-Math.log10(step) - 1e-9), 1, 6);
    // Adding zero makes a zero of the minus zero that rounding leaves.
    return (value + 0).toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places });
  }

  class Chart {
    constructor(figure) {
      this.figure = figure;
      this.run = report.runs[Number(figure.dataset.run)];
      this.course = this.run.course;
      this.end = Number(figure.dataset.end);
      this.top = Number(figure.dataset.top);
      this.surface = figure.querySelector(".surface");
      this.panel = figure.querySelector(".panel.memory");
      this.cursor = figure.querySelector(".cursor");
      this.selection = figure.querySelector(".selection");
      this.readout = figure.querySelector(".readout");
      this.peak = figure.querySelector("circle.peak");
      this.from = 0;
      this.to = this.end;
      this.place = -1;
      this.listen();
    }

    listen() {
      this.figure.querySelector(".tools").hidden = false;
      this.surface.tabIndex = 0;
      this.surface.setAttribute("role", "slider");
      this.surface.setAttribute("aria-valuemin", "0");
      this.surface.setAttribute("aria-valuemax", String(this.course.memory.seconds.length - 1));
      this.surface.setAttribute("aria-valuenow", "0");
      this.surface.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight Home End + - 0");
      for (const button of this.figure.querySelectorAll("[data-zoom]")) {
        button.addEventListener("click", () => this.zoom(button.dataset.zoom));
      }
      this.surface.addEventListener("keydown", (event) => this.key(event));
      this.surface.addEventListener("pointermove", (event) => this.move(event));
      this.surface.addEventListener("pointerleave", () => this.drag === undefined && this.hide());
      this.surface.addEventListener("pointerdown", (event) => this.press(event));
      this.surface.addEventListener("pointerup", (event) => this.release(event));
      this.surface.addEventListener("pointercancel", () => this.cancel());
      this.surface.addEventListener("dblclick", () => this.zoom("reset"));
    }

    // The moment under a pointer, and its share of the panel's width.
    under(event) {
      const box = this.panel.getBoundingClientRect();
      const share = clamp((event.clientX - box.left) / box.width, 0, 1);
      return [this.from + share * (this.to - this.from), share];
    }

    move(event) {
      const [at, share] = this.under(event);
      this.point(nearest(this.course.memory.seconds, at));
      if (this.drag === undefined) return;
      const [left, right] = [Math.min(this.drag, share), Math.max(this.drag, share)];
      this.selection.setAttribute("x", `${100 * left}%`);
      this.selection.setAttribute("width", `${100 * (right - left)}%`);
      this.selection.setAttribute("visibility", "visible");
    }

    press(event) {
      if (event.button !== 0) return;
      this.drag = this.under(event)[1];
      this.surface.setPointerCapture(event.pointerId);
    }

    release(event) {
      if (this.drag === undefined) return;
      const share = this.under(event)[1];
      const [left, right] = [Math.min(this.drag, share), Math.max(this.drag, share)];
      this.cancel();
      // A click without a way to speak of selects nothing.
      if (right - left < 0.01) return;
      const span = this.to - this.from;
      this.show(this.from + left * span, this.from + right * span);
    }

    cancel() {
      this.drag = undefined;
      this.selection.setAttribute("visibility", "hidden");
    }

    key(event) {
      const last = this.course.memory.seconds.length - 1;
      const step = event.shiftKey ? 10 : 1;
      const moves = {
        ArrowLeft: () => this.point(clamp(this.place - step, 0, last)),
        ArrowRight: () => this.point(clamp(this.place + step, 0, last)),
        Home: () => this.point(0),
        End: () => this.point(last),
        "+": () => this.zoom("in"),
        "=": () => this.zoom("in"),
        "-": () => this.zoom("out"),
        0: () => this.zoom("reset"),
      };
      const act = moves[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    }

    zoom(how) {
      const span = this.to - this.from;
      const inside = this.place >= 0 ? this.course.memory.seconds[this.place] : undefined;
      const middle = inside >= this.from && inside <= this.to ? inside : (this.from + this.to) / 2;
      if (how === "reset") this.show(0, this.end);
      if (how === "in") this.show(middle - span / 4, middle + span / 4);
      if (how === "out") this.show(middle - span, middle + span);
      if (how === "left") this.show(this.from - span / 2, this.to - span / 2);
      if (how === "right") this.show(this.from + span / 2, this.to + span / 2);
    }

    // Shows a stretch of the run: one that leaves it is moved back in.
    show(from, to) {
      const span = clamp(to - from, this.end / 1e6, this.end);
      this.from = clamp(from, 0, this.end - span);
      this.to = this.from + span;
      const left = (WIDTH * this.from) / this.end;
      const width = (WIDTH * span) / this.end;
      for (const zoomed of this.figure.querySelectorAll(".zoomed")) {
        zoomed.setAttribute("viewBox", `${left} 0 ${width} ${HEIGHT}`);
      }
      for (const path of this.figure.querySelectorAll("[data-line]")) {
        path.setAttribute("d", this.path(this.course[path.dataset.line]));
      }
      this.ticks();
      const peak = (this.run.peak_at_s - this.from) / span;
      this.peak.setAttribute("cx", `${100 * peak}%`);
      this.peak.setAttribute("visibility", peak >= 0 && peak <= 1 ? "visible" : "hidden");
      this.figure.dataset.from = String(this.from);
      this.figure.dataset.to = String(this.to);
      if (this.place >= 0) this.point(this.place);
    }

    path(line) {
      const x = (place) => ((WIDTH * line.seconds[place]) / this.end).toPrecision(9);
      const y = (place) => (HEIGHT * (1 - line.values[place] / this.top)).toFixed(1);
      const places = shown(line, this.from, this.to);
      return places.map((place, index) => `${index === 0 ? "M" : "L"}${x(place)} ${y(place)}`).join("");
    }

    ticks() {
      const axis = this.figure.querySelector(".axis");
      const [, seconds, symbol] = unitFor(this.to - this.from);
      const count = clamp(Math.floor(axis.clientWidth / 100), 2, 10);
      const step = roundStep((this.to - this.from) / seconds / count);
      const texts = [];
      for (let tick = Math.ceil(this.from / seconds / step - 1e-9); ; tick += 1) {
        const share = (tick * step * seconds - this.from) / (this.to - this.from);
        if (share > 1 + 1e-9 || texts.length > 50) break;
        const text = document.createElementNS(SVG, "text");
        text.setAttribute("x", `${100 * share}%`);
        text.setAttribute("y", "16");
        text.textContent = written(tick * step, step);
        texts.push(text);
      }
      axis.replaceChildren(...texts);
      this.figure.querySelector(".unit").textContent = symbol;
    }

    hide() {
      this.cursor.setAttribute("visibility", "hidden");
    }

    // Puts the cursor on a sample and reads it out.
    point(place) {
      const { memory } = this.course;
      this.place = place;
      const at = memory.seconds[place];
      const share = (at - this.from) / (this.to - this.from);
      this.cursor.setAttribute("x1", `${100 * share}%`);
      this.cursor.setAttribute("x2", `${100 * share}%`);
      this.cursor.setAttribute("visibility", share >= 0 && share <= 1 ? "visible" : "hidden");
      const text = this.words(at, memory.values[place]);
      this.readout.textContent = text;
      this.readout.dataset.seconds = String(at);
      this.readout.dataset.mb = String(memory.values[place]);
      this.surface.setAttribute("aria-valuenow", String(place));
      this.surface.setAttribute("aria-valuetext", text);
    }

    words(at, value) {
      const { course } = this;
      const before = (line) => {
        const place = placeBefore(line.seconds, at);
        return place < 0 ? undefined : line.values[place];
      };
      const open = (spans) => spans.find((span) => span.start_s <= at && at < span.end_s);
      const size = (mb) => `${written(mb, 0.01)} MiB`;
      const words = [`${written(at, 0.001)} s: ${size(value)}`];
      const [children, heap] = [before(course.children), before(course.heap)];
      if (children !== undefined) words.push(`${size(children)} in child processes`);
      if (heap !== undefined) words.push(`${size(heap)} handed out by the allocator`);
      const items = before(course.batch_size);
      if (items !== undefined) words.push(`batch size ${items}`);
      const operation = open(course.operations);
      if (operation) words.push(`operation ${operation.operation}`);
      const batch = open(course.batches);
      if (batch) words.push(`batch of ${batch.items} items`);
      return words.join(", ");
    }

    // Marks the window of a finding and shows it with some room on both sides.
    focus(finding, from, to) {
      for (const window of this.figure.querySelectorAll(".window")) {
        window.classList.toggle("shown", window.classList.contains(finding));
      }
      const room = Math.max((to - from) * 0.15, this.end * 0.01);
      this.show(from - room, to + room);
    }
  }

  function chartOf(run) {
    const key = String(run);
    if (!charts.has(key)) charts.set(key, new Chart(document.getElementById(`run-${key}-chart`)));
    return charts.get(key);
  }

  function download() {
    const url = URL.createObjectURL(new Blob([source], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = "memtool-report.json";
    link.click();
    // The browser has read it by then.
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  for (const figure of document.querySelectorAll("figure.chart")) chartOf(figure.dataset.run);
  for (const link of document.querySelectorAll("a.show")) {
    link.addEventListener("click", () => {
      const { run, finding, from, to } = link.dataset;
      chartOf(run).focus(finding, Number(from), Number(to));
    });
  }
  const button = document.getElementById("download");
  button.hidden = false;
  button.addEventListener("click", download);
  document.documentElement.dataset.ready = "yes";
})();
