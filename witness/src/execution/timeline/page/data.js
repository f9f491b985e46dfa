// The data of the page: reading the spans of a block, and counting them.
// A span's code is three times its kind plus its ending; the names of both come with the data.
const data = JSON.parse(document.getElementById("data").textContent);
const DONE = 0;
const BLOCKED = 1;
const CONFLICT = 2;

const digitValues = new Uint8Array(128);
for (let value = 0; value < data.digits.length; value++) {
  digitValues[data.digits.charCodeAt(value)] = value;
}

// Reads numbers of any length, five bits a character, lowest first; the sixth bit says that more follow.
function numberReader(text) {
  let position = 0;
  const unsigned = () => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const digit = digitValues[text.charCodeAt(position++)];
      // Not shifts: nanoseconds may need more than 32 bits.
      value += (digit & 31) * scale;
      if (digit < 32 || position >= text.length) return value;
      scale *= 32;
    }
  };
  const signed = () => {
    const value = unsigned();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  };
  return { unsigned, signed };
}

// One worker's spans as columns.
function readLane([count, text]) {
  const lane = {
    count,
    start: new Float64Array(count),
    end: new Float64Array(count),
    transaction: new Uint32Array(count),
    incarnation: new Uint32Array(count),
    code: new Uint8Array(count),
    busy: 0,
  };
  const { unsigned, signed } = numberReader(text);
  const codes = 3 * data.kinds.length;
  let end = 0;
  let transaction = 0;
  for (let i = 0; i < count; i++) {
    lane.start[i] = end + signed();
    end = lane.start[i] + unsigned();
    lane.end[i] = end;
    transaction += signed();
    lane.transaction[i] = transaction;
    const mixed = unsigned();
    lane.code[i] = mixed % codes;
    lane.incarnation[i] = Math.floor(mixed / codes);
    lane.busy += end - lane.start[i];
  }
  return lane;
}

function readBlock(block) {
  const lanes = block.workers.map(readLane);
  const kinds = data.kinds.map(() => ({ count: 0, endings: [0, 0, 0], time: 0 }));
  let duration = 0;
  for (const lane of lanes) {
    for (let i = 0; i < lane.count; i++) {
      const kind = kinds[Math.floor(lane.code[i] / 3)];
      kind.count++;
      kind.endings[lane.code[i] % 3]++;
      kind.time += lane.end[i] - lane.start[i];
      duration = Math.max(duration, lane.end[i]);
    }
  }
  const spans = lanes.reduce((sum, lane) => sum + lane.count, 0);
  // Spans that all took no time still have a place on the axis.
  return { number: block.number, lanes, kinds, duration: spans > 0 ? Math.max(duration, 1) : 0, spans, bounds: boundsOf(block, lanes) };
}

// Where what is executed as one begins, in order, and where the last of it ends: spans have the index of the first transaction of a batch, and the batches
// are the whole block.
function boundsOf(block, lanes) {
  const firsts = new Set();
  for (const lane of lanes) lane.transaction.forEach((first) => firsts.add(first));
  const bounds = Uint32Array.from(firsts).sort();
  const last = bounds.length > 0 ? bounds[bounds.length - 1] + 1 : 0;
  return [...bounds, Math.max(block.transactions, last)];
}

// The batch that a transaction is of, which may be one of itself alone: its first and its last. Null if there is no such transaction.
function batchOf(block, transaction) {
  let low = 0;
  let high = block.bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (block.bounds[middle] <= transaction) low = middle + 1;
    else high = middle;
  }
  return low === 0 || low === block.bounds.length ? null : { first: block.bounds[low - 1], last: block.bounds[low] - 1 };
}

function batchName({ first, last }) {
  return first === last ? `Transaction ${first}` : `Transactions ${first} to ${last}`;
}

// Index of the first span that ends at `time` or later.
function firstEndingFrom(lane, time) {
  let low = 0;
  let high = lane.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lane.end[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

// All spans of a batch, in the order of their starts.
function spansOf(block, { first }) {
  const found = [];
  block.lanes.forEach((lane, worker) => {
    for (let i = 0; i < lane.count; i++) {
      if (lane.transaction[i] === first) found.push({ worker, index: i, start: lane.start[i], end: lane.end[i] });
    }
  });
  return found.sort((a, b) => a.start - b.start || a.worker - b.worker);
}

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 3 });
const microseconds = (nanoseconds) => grouped.format(nanoseconds / 1000);
const percent = (part, whole) => `${(whole > 0 ? (100 * part) / whole : 0).toFixed(1)} %`;

function duration(nanoseconds) {
  const [unit, scale] = nanoseconds >= 1e9 ? ["s", 1e9] : nanoseconds >= 1e6 ? ["ms", 1e6] : ["\u00B5s", 1e3];
  const value = nanoseconds / scale;
  return `${value.toFixed(value >= 100 ? 1 : value >= 10 ? 2 : 3)} ${unit}`;
}
