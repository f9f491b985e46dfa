// The tables beside the picture.
const element = (id) => document.getElementById(id);

function cell(row, text, tag = "td") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (tag === "th") made.scope = "row";
  row.append(made);
  return made;
}

function swatch(background, id) {
  const made = document.createElement("span");
  made.className = "swatch";
  made.style.background = background;
  if (id) made.id = id;
  return made;
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

function showCounts(block) {
  element("counts-title").textContent = `Block ${block.number}: ${grouped.format(block.spans)} spans in ${duration(block.duration)}`;
  const body = element("counts").tBodies[0];
  body.replaceChildren();
  const all = block.duration * block.lanes.length;
  const row = (name, mark, count, endings, time) => {
    const made = document.createElement("tr");
    made.dataset.name = name;
    cell(made, capital(name), "th").prepend(mark);
    cell(made, grouped.format(count));
    cell(made, endings ? grouped.format(endings[BLOCKED]) : "");
    cell(made, endings ? grouped.format(endings[CONFLICT]) : "");
    cell(made, time === null ? "" : duration(time));
    cell(made, time === null || count === 0 ? "" : duration(time / count));
    cell(made, time === null ? "" : percent(time, all));
    body.append(made);
  };
  block.kinds.forEach((kind, k) => {
    row(data.kinds[k], swatch(`var(--kind-${k})`, `swatch-${k}`), kind.count, kind.endings, kind.time);
  });
  for (const ending of [BLOCKED, CONFLICT]) {
    const colour = `var(--ending-${ending})`;
    const mark = swatch(
      ending === BLOCKED
        ? `repeating-linear-gradient(135deg, ${colour} 0 2px, transparent 2px 6px)`
        : `repeating-linear-gradient(45deg, ${colour} 0 2px, transparent 2px 6px), repeating-linear-gradient(135deg, ${colour} 0 2px, transparent 2px 6px)`,
    );
    mark.style.border = `2px solid ${colour}`;
    const count = block.kinds.reduce((sum, kind) => sum + kind.endings[ending], 0);
    row(`ended: ${data.endings[ending]}`, mark, count, null, null);
  }
  const idle = all - block.kinds.reduce((sum, kind) => sum + kind.time, 0);
  const last = document.createElement("tr");
  last.dataset.name = "idle";
  cell(last, "Idle", "th").prepend(swatch("var(--band)"));
  for (const text of ["", "", "", duration(idle), "", percent(idle, all)]) cell(last, text);
  body.append(last);
}

function showWorkers(block) {
  element("workers").replaceChildren(
    ...block.lanes.map((lane, worker) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.textContent = `Worker ${worker}`;
      const busy = document.createElement("span");
      busy.textContent = `${percent(lane.busy, block.duration)} busy`;
      item.append(name, " ", busy);
      return item;
    }),
  );
}
