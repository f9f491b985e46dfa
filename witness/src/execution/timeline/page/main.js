// What people do with the page.
const lanes = element("lanes");
let block = null;
let view = { start: 0, end: 1 };
let laneHeight = 36;
// Spans of the transaction that is searched for, by worker; the span that the pointer or the keyboard is at.
let marked = null;
let current = null;
let overviewStale = true;
let awaited = false;

function redraw() {
  if (awaited) return;
  awaited = true;
  requestAnimationFrame(draw);
}

function draw() {
  awaited = false;
  if (!block || block.duration === 0) return;
  if (!paint) readPaint(lanes.getContext("2d"));
  drawLanes(lanes, block, view, laneHeight, marked, current);
  drawAxis(element("axis"), view);
  if (overviewStale) drawOverview(element("overview-canvas"), block);
  overviewStale = false;
  const shown = element("window").style;
  shown.left = `${(100 * view.start) / block.duration}%`;
  shown.width = `${(100 * (view.end - view.start)) / block.duration}%`;
  element("range").textContent = `${duration(view.end - view.start)} shown`;
  lanes.dataset.start = view.start;
  lanes.dataset.end = view.end;
}

function look(start, end) {
  // Ten nanoseconds on the whole width is closer than any clock sees.
  const length = Math.min(Math.max(end - start, 10), block.duration);
  const from = Math.min(Math.max(start, 0), block.duration - length);
  view = { start: from, end: from + length };
  hideTip();
  redraw();
}

function zoom(factor, at = (view.start + view.end) / 2) {
  const length = Math.min(Math.max((view.end - view.start) * factor, 10), block.duration);
  const share = (at - view.start) / (view.end - view.start);
  look(at - share * length, at + (1 - share) * length);
}

function move(share) {
  const shift = (view.end - view.start) * share;
  look(view.start + shift, view.end + shift);
}

function select(index) {
  block = readBlock(data.blocks[index]);
  element("block").value = index;
  document.querySelectorAll("#blocks tbody tr").forEach((row, i) => {
    if (i === index) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  });
  current = null;
  overviewStale = true;
  const drawn = block.duration > 0;
  element("nothing").hidden = drawn;
  element("chart").hidden = !drawn;
  lanes.setAttribute("aria-label", `Timeline of block ${block.number}, ${block.lanes.length} workers, ${block.spans} spans, ${duration(block.duration)}`);
  laneHeight = block.lanes.length > 24 ? 26 : 36;
  document.documentElement.style.setProperty("--lane", `${laneHeight}px`);
  showCounts(block);
  showWorkers(block);
  search();
  if (drawn) look(0, block.duration);
}

function search() {
  const text = element("search").value.trim();
  const table = element("spans").tBodies[0];
  table.replaceChildren();
  marked = null;
  element("found").value = "";
  element("transaction").hidden = true;
  redraw();
  if (text === "") return [];
  if (!/^\d+$/.test(text)) {
    element("found").value = "an index is a number from 0";
    return [];
  }
  const batch = batchOf(block, Number(text));
  const found = batch ? spansOf(block, batch) : [];
  if (found.length === 0) {
    element("found").value = "no such transaction here";
    return [];
  }
  marked = new Map();
  for (const { worker, index } of found) {
    if (!marked.has(worker)) marked.set(worker, []);
    marked.get(worker).push(index);
    const lane = block.lanes[worker];
    const row = document.createElement("tr");
    cell(row, worker, "th");
    cell(row, data.kinds[Math.floor(lane.code[index] / 3)]);
    cell(row, lane.incarnation[index]);
    cell(row, microseconds(lane.start[index]));
    cell(row, microseconds(lane.end[index] - lane.start[index]));
    cell(row, data.endings[lane.code[index] % 3]);
    table.append(row);
  }
  element("found").value = `${found.length} ${found.length === 1 ? "span" : "spans"}; Enter zooms to ${found.length === 1 ? "it" : "them"}`;
  element("transaction-title").textContent = batchName(batch);
  element("transaction").hidden = false;
  return found;
}

function lookAt(spans) {
  if (spans.length === 0) return;
  const start = Math.min(...spans.map((span) => span.start));
  const end = Math.max(...spans.map((span) => span.end));
  const margin = Math.max((end - start) * 0.15, 100);
  look(start - margin, end + margin);
}

function describe(worker, index, others) {
  const lane = block.lanes[worker];
  const lines = [
    `${batchName(batchOf(block, lane.transaction[index]))}, incarnation ${lane.incarnation[index]}`,
    `${capital(data.kinds[Math.floor(lane.code[index] / 3)])}, ${data.endings[lane.code[index] % 3]}`,
    `Worker ${worker}, start ${microseconds(lane.start[index])} \u00B5s, duration ${microseconds(lane.end[index] - lane.start[index])} \u00B5s`,
  ];
  if (others > 0) lines.push(`and ${grouped.format(others)} more in this pixel: zoom in`);
  return lines.join("\n");
}

function showTip(text, x, y) {
  const tip = element("tip");
  tip.textContent = text;
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 4))}px`;
  tip.style.top = `${y + 18 + height > innerHeight ? Math.max(4, y - height - 12) : y + 18}px`;
}

function hideTip() {
  element("tip").hidden = true;
}

// The span at a place of the screen, or the nearest within two pixels.
function spanAt(x, y) {
  const box = lanes.getBoundingClientRect();
  const worker = Math.floor((y - box.top) / laneHeight);
  const lane = block.lanes[worker];
  if (!lane || x < box.left || x > box.right) return null;
  const pixel = (view.end - view.start) / box.width;
  const time = view.start + (x - box.left) * pixel;
  let best = null;
  let distance = 2 * pixel;
  let inPixel = 0;
  for (let i = firstEndingFrom(lane, time - distance); i < lane.count && lane.start[i] <= time + 2 * pixel; i++) {
    const away = Math.max(lane.start[i] - time, time - lane.end[i], 0);
    if (away <= pixel / 2) inPixel++;
    if (away < distance || best === null) [best, distance] = [i, away];
  }
  return best === null ? null : { worker, index: best, others: Math.max(0, inPixel - 1) };
}

function timeAt(x) {
  const box = lanes.getBoundingClientRect();
  return view.start + ((x - box.left) / box.width) * (view.end - view.start);
}

// The keyboard's way to a span: move to it, show it, say it.
function visit(worker, index) {
  const lane = block.lanes[worker];
  if (!lane || lane.count === 0) return;
  const at = Math.min(Math.max(index, 0), lane.count - 1);
  current = { worker, index: at };
  const [start, end] = [lane.start[at], lane.end[at]];
  if (start < view.start || end > view.end) {
    const half = Math.max(view.end - view.start, (end - start) * 1.2) / 2;
    look((start + end) / 2 - half, (start + end) / 2 + half);
  }
  redraw();
  const text = describe(worker, at, 0);
  element("announcement").textContent = text;
  const box = lanes.getBoundingClientRect();
  const x = box.left + ((start - view.start) / (view.end - view.start)) * box.width;
  showTip(text, Math.max(x, box.left), box.top + (worker + 0.8) * laneHeight);
}

function step(by) {
  if (current) visit(current.worker, current.index + by);
  else {
    const worker = block.lanes.findIndex((lane) => lane.count > 0);
    visit(worker, firstEndingFrom(block.lanes[worker], view.start));
  }
}

function changeLane(by) {
  if (!current) return step(0);
  const time = block.lanes[current.worker].start[current.index];
  for (let worker = current.worker + by; worker >= 0 && worker < block.lanes.length; worker += by) {
    if (block.lanes[worker].count > 0) {
      // Not the one that ended just then.
      return visit(worker, firstEndingFrom(block.lanes[worker], time + 0.5));
    }
  }
}

const keys = {
  ArrowLeft: () => move(-0.2),
  ArrowRight: () => move(0.2),
  ArrowUp: () => changeLane(-1),
  ArrowDown: () => changeLane(1),
  n: () => step(1),
  p: () => step(-1),
  "+": () => zoom(0.5),
  "=": () => zoom(0.5),
  "-": () => zoom(2),
  0: () => look(0, block.duration),
  Home: () => look(0, block.duration),
  Enter: () => current && mark(block.lanes[current.worker].transaction[current.index]),
  Escape: () => {
    current = null;
    hideTip();
    mark("");
  },
};

function mark(transaction) {
  element("search").value = transaction;
  return search();
}

function listen() {
  lanes.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  lanes.addEventListener("wheel", (event) => {
    event.preventDefault();
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) move(sideways / lanes.clientWidth);
    else zoom(Math.exp(Math.max(-200, Math.min(200, event.deltaY)) * 0.003), timeAt(event.clientX));
  }, { passive: false });

  let drag = null;
  lanes.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    drag = { x: event.clientX, view, moved: false };
    lanes.setPointerCapture(event.pointerId);
  });
  lanes.addEventListener("pointermove", (event) => {
    if (!drag) {
      const span = spanAt(event.clientX, event.clientY);
      current = span;
      if (span) showTip(describe(span.worker, span.index, span.others), event.clientX, event.clientY);
      else hideTip();
      redraw();
      return;
    }
    const shift = event.clientX - drag.x;
    if (Math.abs(shift) < 4 && !drag.moved) return;
    drag.moved = true;
    lanes.classList.add("dragged");
    const time = (shift / lanes.clientWidth) * (drag.view.end - drag.view.start);
    look(drag.view.start - time, drag.view.end - time);
  });
  lanes.addEventListener("pointerup", (event) => {
    const span = drag && !drag.moved ? spanAt(event.clientX, event.clientY) : null;
    drag = null;
    lanes.classList.remove("dragged");
    if (span) mark(block.lanes[span.worker].transaction[span.index]);
  });
  lanes.addEventListener("pointercancel", () => {
    drag = null;
    lanes.classList.remove("dragged");
  });
  lanes.addEventListener("pointerleave", () => {
    current = null;
    hideTip();
    redraw();
  });
  lanes.addEventListener("blur", hideTip);
  lanes.addEventListener("dblclick", (event) => {
    const span = spanAt(event.clientX, event.clientY);
    if (!span) return;
    const lane = block.lanes[span.worker];
    lookAt([{ start: lane.start[span.index], end: lane.end[span.index] }]);
  });

  const overview = element("overview");
  const toPointer = (event) => {
    const box = overview.getBoundingClientRect();
    const time = ((event.clientX - box.left) / box.width) * block.duration;
    const half = (view.end - view.start) / 2;
    look(time - half, time + half);
  };
  overview.addEventListener("pointerdown", (event) => {
    overview.setPointerCapture(event.pointerId);
    toPointer(event);
  });
  overview.addEventListener("pointermove", (event) => {
    if (overview.hasPointerCapture(event.pointerId)) toPointer(event);
  });

  element("left").addEventListener("click", () => move(-0.5));
  element("right").addEventListener("click", () => move(0.5));
  element("in").addEventListener("click", () => zoom(0.5));
  element("out").addEventListener("click", () => zoom(2));
  element("fit").addEventListener("click", () => look(0, block.duration));
  element("search").addEventListener("input", search);
  element("search").addEventListener("keydown", (event) => {
    if (event.key === "Enter") lookAt(search());
  });
  element("block").addEventListener("change", (event) => select(Number(event.target.value)));
  const repaint = () => {
    paint = null;
    overviewStale = true;
    redraw();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  // A change of the window's size or zoom changes the pixels of the canvas, and of the patterns.
  new ResizeObserver(repaint).observe(lanes);
}

if (data.blocks.length > 0) {
  element("block").append(...data.blocks.map((item, index) => new Option(item.number, index)));
  element("block-label").hidden = data.blocks.length === 1;
  document.querySelectorAll("#blocks tbody tr").forEach((row, index) => {
    const head = row.cells[0];
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      select(index);
      scrollTo({ top: 0 });
    });
    head.replaceChildren(button);
  });
  listen();
  select(0);
}
