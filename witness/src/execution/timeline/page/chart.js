// Drawing. All coordinates are device pixels.
const NARROW = 2;
let paint = null;

function stripes(context, colour, crossed) {
  const size = Math.round(8 * devicePixelRatio);
  const tile = new OffscreenCanvas(size, size);
  const brush = tile.getContext("2d");
  brush.strokeStyle = colour;
  brush.lineWidth = size / 5;
  brush.beginPath();
  // One tile more on both sides, so that the corners join.
  for (const shift of [-size, 0, size]) {
    brush.moveTo(shift - 1, size + 1);
    brush.lineTo(shift + size + 1, -1);
    if (crossed) {
      brush.moveTo(shift - 1, -1);
      brush.lineTo(shift + size + 1, size + 1);
    }
  }
  brush.stroke();
  return context.createPattern(tile, "repeat");
}

// Colours of the scheme in force, and the patterns of the two endings that are not as hoped for.
function readPaint(context) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  paint = {
    kinds: data.kinds.map((_, kind) => colour(`--kind-${kind}`)),
    endings: data.endings.map((_, ending) => (ending === DONE ? "" : colour(`--ending-${ending}`))),
    line: colour("--line"),
    band: colour("--band"),
    soft: colour("--soft"),
    text: colour("--text"),
    onBar: colour("--on-bar"),
    accent: colour("--accent"),
    font: getComputedStyle(document.body).fontFamily,
  };
  paint.patterns = [null, stripes(context, paint.endings[BLOCKED], false), stripes(context, paint.endings[CONFLICT], true)];
}

function fitCanvas(canvas, height) {
  const ratio = devicePixelRatio;
  canvas.style.height = `${height}px`;
  const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const pixels = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== width || canvas.height !== pixels) {
    canvas.width = width;
    canvas.height = pixels;
  }
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, pixels);
  return context;
}

function drawBar(context, lane, i, left, right, box, minimum) {
  const kind = Math.floor(lane.code[i] / 3);
  const ending = lane.code[i] % 3;
  const from = Math.max(-8, Math.round(left));
  // A gap of a pixel keeps neighbours apart.
  const to = Math.min(box.width + 8, Math.max(Math.round(right) - (right - left >= 4 ? 1 : 0), from + minimum));
  context.fillStyle = paint.kinds[kind];
  context.fillRect(from, box.top, to - from, box.height);
  if (ending !== DONE && to - from >= 4) {
    context.fillStyle = paint.patterns[ending];
    context.fillRect(from, box.top, to - from, box.height);
    const stroke = Math.min(2 * devicePixelRatio, (to - from) / 3);
    context.strokeStyle = paint.endings[ending];
    context.lineWidth = stroke;
    context.strokeRect(from + stroke / 2, box.top + stroke / 2, to - from - stroke, box.height - stroke);
  }
  if (!box.labels) return;
  const text = lane.incarnation[i] > 0 ? `${lane.transaction[i]}\u00B7${lane.incarnation[i]}` : `${lane.transaction[i]}`;
  const size = 11 * devicePixelRatio;
  const shown = Math.min(to, box.width) - Math.max(from, 0);
  const needed = (text.length * 0.62 + 0.9) * size;
  if (shown < needed) return;
  const centre = (Math.min(to, box.width) + Math.max(from, 0)) / 2;
  context.font = `600 ${size}px ${paint.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  if (ending !== DONE) {
    // Letters on stripes cannot be read.
    context.fillStyle = paint.kinds[kind];
    context.fillRect(centre - needed / 2, box.top + box.height / 2 - size * 0.75, needed, size * 1.5);
  }
  context.fillStyle = paint.onBar;
  context.fillText(text, centre, box.top + box.height / 2 + devicePixelRatio / 2);
}

// One worker's spans between two times. Spans narrower than NARROW pixels are summed up by pixel column: the height of a
// kind is its share of the column's time. Spans that ended badly get a mark in the strip under the bars at any zoom.
function drawLane(context, lane, view, box, marked) {
  const scale = box.width / (view.end - view.start);
  const columns = paint.kinds.map(() => new Float64Array(box.width));
  const wide = [];
  const marks = [];
  let lastMark = -1;
  const first = firstEndingFrom(lane, view.start);
  for (let i = first; i < lane.count && lane.start[i] <= view.end; i++) {
    const left = (lane.start[i] - view.start) * scale;
    const right = (lane.end[i] - view.start) * scale;
    const ending = lane.code[i] % 3;
    if (ending !== DONE) {
      const key = Math.floor(left) * 3 + ending;
      if (key !== lastMark) marks.push(left, right, ending);
      lastMark = key;
    }
    if (right - left >= NARROW) {
      wide.push(i, left, right);
      continue;
    }
    const column = columns[Math.floor(lane.code[i] / 3)];
    const last = Math.min(box.width - 1, Math.floor(right));
    for (let c = Math.max(0, Math.floor(left)); c <= last; c++) {
      column[c] += Math.max(Math.min(right, c + 1) - Math.max(left, c), 1e-6);
    }
  }
  context.globalAlpha = marked ? 0.2 : 1;
  const base = new Float64Array(box.width);
  columns.forEach((column, kind) => {
    context.fillStyle = paint.kinds[kind];
    for (let c = 0; c < box.width; c++) {
      if (column[c] === 0) continue;
      const height = Math.min(box.height - base[c], Math.max(column[c] * box.height, 2));
      context.fillRect(c, box.top + box.height - base[c] - height, 1, height);
      base[c] += height;
    }
  });
  for (let w = 0; w < wide.length; w += 3) drawBar(context, lane, wide[w], wide[w + 1], wide[w + 2], box, 1);
  const ratio = devicePixelRatio;
  for (let m = 0; box.strip > 0 && m < marks.length; m += 3) {
    const ending = marks[m + 2];
    const width = Math.max(2 * ratio, marks[m + 1] - marks[m] - 1);
    // Thin for blocked, thick for a conflict: the second cue.
    context.fillStyle = paint.endings[ending];
    context.fillRect(marks[m], box.top + box.height + ratio, width, ending === BLOCKED ? 1.5 * ratio : box.strip);
  }
  context.globalAlpha = 1;
  for (const i of marked ?? []) {
    const left = (lane.start[i] - view.start) * scale;
    const right = (lane.end[i] - view.start) * scale;
    if (right < 0 || left > box.width) continue;
    drawBar(context, lane, i, left, right, box, Math.round(3 * ratio));
    outline(context, left, right, box, paint.text, 1.5);
  }
}

function outline(context, left, right, box, colour, points) {
  const width = points * devicePixelRatio;
  context.strokeStyle = colour;
  context.lineWidth = width;
  const wide = Math.max(right - left, 3 * devicePixelRatio);
  context.strokeRect(left - width / 2, box.top - width / 2, wide + width, box.height + width);
}

// The distance of the axis's ticks: 1, 2 or 5 times a power of ten, so that labels do not touch.
function tickStep(perPixel) {
  const least = perPixel * 110;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
}

function ticks(view, cssWidth) {
  const step = Math.max(1, tickStep((view.end - view.start) / cssWidth));
  const found = [];
  for (let k = Math.ceil(view.start / step); k * step <= view.end; k++) found.push(k * step);
  return { step, found };
}

function drawAxis(canvas, view) {
  const context = fitCanvas(canvas, 24);
  const { step, found } = ticks(view, canvas.clientWidth);
  const [unit, scale] = view.end >= 1e9 ? ["s", 1e9] : view.end >= 1e6 ? ["ms", 1e6] : ["\u00B5s", 1e3];
  const decimals = Math.max(0, -Math.floor(Math.log10(step / scale) + 1e-9));
  const ratio = devicePixelRatio;
  context.font = `${11.5 * ratio}px ${paint.font}`;
  context.textBaseline = "middle";
  for (const time of found) {
    const x = ((time - view.start) / (view.end - view.start)) * canvas.width;
    const text = `${(time / scale).toFixed(decimals)} ${unit}`;
    const half = context.measureText(text).width / 2;
    context.fillStyle = paint.soft;
    context.textAlign = "center";
    context.fillText(text, Math.min(Math.max(x, half), canvas.width - half), 10 * ratio);
    context.fillStyle = paint.line;
    context.fillRect(Math.round(x), 19 * ratio, ratio, 5 * ratio);
  }
}

function laneBox(width, laneHeight, worker) {
  const ratio = devicePixelRatio;
  return {
    width,
    top: Math.round((worker * laneHeight + 5) * ratio),
    height: Math.round((laneHeight - 14) * ratio),
    strip: 4 * ratio,
    labels: true,
  };
}

function drawLanes(canvas, block, view, laneHeight, marked, current) {
  const context = fitCanvas(canvas, block.lanes.length * laneHeight);
  const ratio = devicePixelRatio;
  const { found } = ticks(view, canvas.clientWidth);
  block.lanes.forEach((_, worker) => {
    const box = laneBox(canvas.width, laneHeight, worker);
    context.fillStyle = paint.band;
    context.fillRect(0, box.top, box.width, box.height);
    context.fillStyle = paint.line;
    context.fillRect(0, Math.round(worker * laneHeight * ratio), box.width, ratio);
  });
  context.fillStyle = paint.line;
  for (const time of found) {
    const x = ((time - view.start) / (view.end - view.start)) * canvas.width;
    context.fillRect(Math.round(x), 0, ratio, canvas.height);
  }
  block.lanes.forEach((lane, worker) => {
    const box = laneBox(canvas.width, laneHeight, worker);
    drawLane(context, lane, view, box, marked ? (marked.get(worker) ?? []) : null);
    if (current && current.worker === worker) {
      const scale = box.width / (view.end - view.start);
      const left = (lane.start[current.index] - view.start) * scale;
      const right = (lane.end[current.index] - view.start) * scale;
      outline(context, left, right, box, paint.accent, 2);
    }
  });
}

function drawOverview(canvas, block) {
  const context = fitCanvas(canvas, 40);
  const height = canvas.height / block.lanes.length;
  const whole = { start: 0, end: block.duration };
  block.lanes.forEach((lane, worker) => {
    const top = Math.floor(worker * height);
    const bottom = Math.max(top + 1, Math.floor((worker + 1) * height) - (height >= 4 ? 1 : 0));
    drawLane(context, lane, whole, { width: canvas.width, top, height: bottom - top, strip: 0, labels: false }, null);
  });
}
