// The picture: bands, lanes, operations, the axis, and the overview below it.

const DENSE = 4000;
const AXIS = 42;
const FONT = '12px system-ui, sans-serif';

function colours() {
  const style = getComputedStyle(document.documentElement);
  const names = ['ink', 'page', 'muted', 'rule', 'read', 'write', 'cas', 'witness', 'band', 'band-ink', 'hit', 'bar'];
  return Object.fromEntries(names.map(name => [name, style.getPropertyValue(`--${name}`).trim()]));
}

function fitted(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext('2d');
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = FONT;
  return { pen, width, height };
}

function cut(pen, text, room) {
  const short = text.length > 120 ? text.slice(0, 120) : text;
  if (short === text && pen.measureText(text).width <= room) return text;
  let length = short.length;
  while (length > 0 && pen.measureText(short.slice(0, length) + '…').width > room) length--;
  return length > 0 ? short.slice(0, length) + '…' : '';
}

// Where things stand in a view of a history.
function layout(state, width, height) {
  const left = width < 560 ? 56 : 110;
  const room = Math.max(width - left - 8, 10);
  const perUnit = room / (state.to - state.from);
  const count = state.lanes.length;
  const lane = Math.max(24, Math.min(46, (height - AXIS - 6) / Math.max(count, 1)));
  const lowest = Math.max(0, count * lane - (height - AXIS - 6));
  state.top = Math.max(0, Math.min(state.top, lowest));
  return {
    width, height, left, room, lane, lowest,
    x: instant => Math.max(-1e5, Math.min(1e5, left + (instant - state.from) * perUnit)),
    instant: x => state.from + (x - left) / perUnit,
    y: at => AXIS + at * lane - state.top + lane / 2,
    at: y => Math.floor((y - AXIS + state.top) / lane),
  };
}

function drawLanes(state, canvas) {
  const { pen, width, height } = fitted(canvas);
  const { history, chosen } = state;
  const ink = colours();
  state.lanes = lanesInView(state);
  const place = state.place = layout(state, width, height);
  const seat = new Int32Array(history.processes.length).fill(-1);
  state.lanes.forEach((lane, at) => { seat[lane] = at; });
  pen.save();
  pen.beginPath();
  pen.rect(place.left, AXIS, width - place.left, height - AXIS);
  pen.clip();
  drawBands(state, pen, ink);
  const first = Math.max(0, place.at(AXIS)), last = Math.min(state.lanes.length - 1, place.at(height));
  pen.strokeStyle = ink.rule;
  for (let at = first; at <= last; at++) line(pen, place.left, place.y(at), width, place.y(at));
  const ticks = ticksOf(state);
  for (const { x } of ticks) line(pen, x, AXIS, x, height);
  const shown = [];
  state.freeUntil = new Map();
  let count = 0;
  const isShown = row => {
    const at = seat[history.lane[row]];
    return at >= first && at <= last ? at : -1;
  };
  eachBetween(history, chosen, state.from, state.to, row => {
    if (isShown(row) < 0) return;
    count++;
    if (count <= DENSE) shown.push(row);
  });
  state.inView = count;
  if (count > DENSE) drawDense(state, pen, ink, isShown);
  else {
    state.freeUntil = free(state, shown);
    const marked = new Set(state.witness ? state.witness.rows : []);
    shown.forEach(row => { if (!marked.has(row)) drawOperation(state, pen, ink, row, isShown(row), false); });
  }
  if (count <= 300) drawOrder(state, pen, ink, shown, isShown);
  drawMarked(state, pen, ink, isShown);
  pen.restore();
  drawAxis(state, pen, ink, ticks);
  pen.textBaseline = 'middle';
  pen.textAlign = 'right';
  pen.save();
  pen.beginPath();
  pen.rect(0, AXIS, place.left, height);
  pen.clip();
  for (let at = first; at <= last; at++) {
    const isChosen = state.selected !== null && history.lane[state.selected] === state.lanes[at];
    pen.fillStyle = isChosen ? ink.ink : ink.muted;
    pen.fillText(cut(pen, history.processes[state.lanes[at]], place.left - 12), place.left - 8, place.y(at));
  }
  pen.restore();
  return ink;
}

// Where the next operation of the same process begins: a label may be as long.
function free(state, shown) {
  const next = new Map(), until = new Map();
  for (let at = shown.length - 1; at >= 0; at--) {
    const lane = state.history.lane[shown[at]];
    until.set(shown[at], next.has(lane) ? next.get(lane) : Infinity);
    next.set(lane, state.history.start[shown[at]]);
  }
  return until;
}

// The processes that have a lane: all, or those that do something in view.
function lanesInView(state) {
  const { history, chosen } = state;
  const isAt = new Uint8Array(history.processes.length);
  if (state.isBusy) {
    eachBetween(history, chosen, state.from, state.to, row => {
      if (history.end[row] < Infinity || history.start[row] >= state.from) isAt[history.lane[row]] = 1;
    });
    if (state.witness) state.witness.rows.forEach(row => { isAt[history.lane[row]] = 1; });
  } else if (chosen.rows) {
    return state.lanesOfRegister;
  } else {
    isAt.fill(1);
  }
  const lanes = [];
  isAt.forEach((is, lane) => { if (is) lanes.push(lane); });
  return lanes;
}

function line(pen, x, y, toX, toY) {
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(toX, toY);
  pen.stroke();
}

function drawBands(state, pen, ink) {
  const { place, history } = state;
  for (const band of history.bands) {
    const from = place.x(band.from), to = band.to === null ? place.width + 9 : Math.max(place.x(band.to), from + 2);
    if (to < place.left || from > place.width) continue;
    pen.fillStyle = ink.band;
    pen.fillRect(from, 0, to - from, place.height);
    pen.strokeStyle = ink['band-ink'];
    pen.setLineDash([2, 3]);
    line(pen, from, AXIS, from, place.height);
    line(pen, to, AXIS, to, place.height);
    pen.setLineDash([]);
  }
}

// So many operations that they are counted, pixel by pixel: the more, the darker.
function drawDense(state, pen, ink, isShown) {
  const { history, chosen, place } = state;
  const width = Math.ceil(place.room) + 8, count = state.lanes.length;
  const seen = new Map();
  eachBetween(history, chosen, state.from, state.to, row => {
    const at = isShown(row);
    if (at < 0) return;
    if (!seen.has(at)) seen.set(at, new Float32Array(width));
    const cells = seen.get(at);
    const from = Math.max(0, Math.floor(place.x(history.start[row]) - place.left));
    const to = Math.min(width - 1, Math.floor(place.x(history.drawnEnd[row]) - place.left));
    const weight = history.kind[row] === 0 ? 1 : 1.0001;
    for (let x = from; x <= to; x++) cells[x] += weight;
  });
  pen.fillStyle = ink.read;
  const level = value => value === 0 ? 0 : Math.min(5, 1 + Math.floor(Math.log2(value)));
  for (const [at, cells] of seen) {
    if (at >= count) continue;
    const top = place.y(at) - place.lane * 0.3;
    for (let x = 0; x < width;) {
      const now = level(cells[x]);
      let end = x + 1;
      while (end < width && level(cells[end]) === now) end++;
      if (now > 0) {
        pen.globalAlpha = 0.15 + now * 0.15;
        pen.fillRect(place.left + x, top, end - x, place.lane * 0.6);
      }
      x = end;
    }
  }
  pen.globalAlpha = 1;
}

const inkOf = (ink, kind) => [ink.read, ink.write, ink.cas, ink.muted][kind];

function drawOperation(state, pen, ink, row, at, isWitness) {
  const { history, place } = state;
  const from = place.x(history.start[row]), to = Math.max(place.x(history.drawnEnd[row]), from + 2);
  const half = Math.min(9, place.lane * 0.3), y = place.y(at) + (place.lane > 30 ? 5 : 0);
  const colour = isWitness ? ink.witness : inkOf(ink, history.kind[row]);
  const isPending = history.end[row] === Infinity;
  pen.fillStyle = colour;
  pen.strokeStyle = colour;
  pen.globalAlpha = history.kind[row] === 0 ? 0.18 : 0.5;
  pen.fillRect(from, y - half, to - from, 2 * half);
  pen.globalAlpha = 1;
  pen.lineWidth = isWitness ? 2.5 : 1;
  pen.setLineDash(isPending ? [4, 3] : []);
  if (to - from > 3) {
    pen.beginPath();
    pen.moveTo(to, y - half);
    pen.lineTo(from, y - half);
    pen.lineTo(from, y + half);
    pen.lineTo(to, y + half);
    if (!isPending) pen.closePath();
    pen.stroke();
  }
  pen.setLineDash([]);
  pen.lineWidth = 1;
  if (history.stale[row]) {
    pen.fillStyle = ink.witness;
    pen.beginPath();
    pen.moveTo(from, y - half);
    pen.lineTo(from + 7, y - half);
    pen.lineTo(from, y - half + 7);
    pen.fill();
  }
  const above = place.lane > 30;
  const left = Math.max(from, place.left), until = state.freeUntil.get(row);
  const room = above ? Math.min(place.x(until ?? history.drawnEnd[row]), place.width) - left - 4 : to - left - 6;
  if (room > 16) {
    pen.fillStyle = ink.ink;
    pen.textAlign = 'left';
    pen.textBaseline = 'middle';
    const key = state.chosen.rows === null && history.registers.length > 1 ? `${history.registers[history.register[row]].key ?? '–'}: ` : '';
    const text = cut(pen, `${['r', 'w', 'cas', '✗cas'][history.kind[row]]} ${key}${said(history, row)}`, room);
    pen.fillText(text, left + (above ? 0 : 4), above ? y - half - 7 : y);
  }
}

// The instants of the order that proves a register atomic, with their numbers where there is room.
function drawOrder(state, pen, ink, shown, isShown) {
  const { history, place } = state;
  pen.fillStyle = ink.ink;
  pen.strokeStyle = ink.ink;
  const ordered = shown.filter(row => history.rank[row] >= 0);
  if (state.chosen.rows || history.registers.length === 1) {
    ordered.sort((a, b) => history.rank[a] - history.rank[b]);
    pen.globalAlpha = 0.35;
    for (let at = 1; at < ordered.length; at++) {
      const [a, b] = [ordered[at - 1], ordered[at]];
      if (history.rank[b] !== history.rank[a] + 1) continue;
      line(pen, place.x(history.point[a]), place.y(isShown(a)) + 5, place.x(history.point[b]), place.y(isShown(b)) + 5);
    }
    pen.globalAlpha = 1;
  }
  for (const row of ordered) {
    const x = place.x(history.point[row]), y = place.y(isShown(row)) + (place.lane > 30 ? 5 : 0);
    pen.beginPath();
    pen.arc(x, y, 3, 0, 7);
    pen.fill();
  }
}

// The operations of the witness with what must precede what, what was found, and what is selected.
function drawMarked(state, pen, ink, isShown) {
  const { history, place } = state;
  const y = row => place.y(isShown(row)) + (place.lane > 30 ? 5 : 0);
  if (state.witness) {
    const rows = state.witness.rows.filter(row => isShown(row) >= 0);
    rows.forEach(row => drawOperation(state, pen, ink, row, isShown(row), true));
    for (const arrow of state.arrows) {
      if (isShown(arrow.from) < 0 || isShown(arrow.to) < 0) continue;
      const start = arrow.isReading ? history.start[arrow.from] : Math.min(history.end[arrow.from], history.drawnEnd[arrow.from]);
      drawArrow(pen, ink, [place.x(start), y(arrow.from)], [place.x(history.start[arrow.to]), y(arrow.to)], arrow.isReading);
    }
  }
  const half = Math.min(9, place.lane * 0.3) + 3;
  const outline = (row, colour, width) => {
    if (isShown(row) < 0) return;
    const from = place.x(history.start[row]), to = Math.max(place.x(history.drawnEnd[row]), from + 2);
    if (to < place.left || from > place.width) return;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.strokeRect(from - 3, y(row) - half, to - from + 6, 2 * half);
    pen.lineWidth = 1;
  };
  if (state.hits) {
    let drawn = 0;
    for (let at = firstFrom(state.hits, history, state.from); at < state.hits.length && drawn < 500; at++, drawn++) {
      if (history.start[state.hits[at]] > state.to) break;
      outline(state.hits[at], ink.hit, 1.5);
    }
  }
  if (state.selected !== null) outline(state.selected, ink.ink, 2);
}

// The first of some rows that starts at an instant or later.
function firstFrom(rows, history, instant) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (history.start[rows[middle]] < instant) low = middle + 1; else high = middle;
  }
  return low;
}

function drawArrow(pen, ink, [x, y], [toX, toY], isReading) {
  pen.strokeStyle = pen.fillStyle = isReading ? ink.muted : ink.witness;
  pen.lineWidth = 1.8;
  pen.setLineDash(isReading ? [2, 3] : []);
  // Within a lane an arrow is bent, so that it does not run along its bars.
  const bend = Math.abs(toY - y) < 1 ? -22 : 0;
  const [midX, midY] = [(x + toX) / 2, (y + toY) / 2 + bend];
  pen.beginPath();
  pen.moveTo(x, y);
  pen.quadraticCurveTo(midX, midY, toX, toY);
  pen.stroke();
  pen.setLineDash([]);
  pen.lineWidth = 1;
  const turn = Math.atan2(toY - midY, toX - midX);
  pen.beginPath();
  pen.moveTo(toX, toY);
  for (const side of [-0.4, 0.4]) pen.lineTo(toX - 9 * Math.cos(turn + side), toY - 9 * Math.sin(turn + side));
  pen.fill();
}

// Where the axis has its marks, in one unit that suits what is in view.
function ticksOf(state) {
  const { history, place } = state;
  const span = state.to - state.from;
  const { factor, unit, offset, isFar } = scale(history, span);
  const least = span / factor / Math.max(place.room / 110, 1);
  const power = 10 ** Math.floor(Math.log10(least));
  let step = [1, 2, 5, 10].map(digit => digit * power).find(step => step >= least * 0.999);
  // Events, and the smallest unit of a file, are whole.
  if (factor === 1) step = Math.max(1, step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const from = (state.from + offset) / factor, to = (state.to + offset) / factor;
  const ticks = [];
  for (let at = Math.ceil(from / step - 1e-9); at * step <= to + step * 1e-9 && ticks.length < 60; at++) {
    ticks.push({ x: place.x(at * step * factor - offset), text: (at * step).toFixed(decimals) });
  }
  state.ticks = ticks.map(tick => tick.text);
  state.axis = isFar ? `+ ${unit}` : unit;
  return ticks;
}

function drawAxis(state, pen, ink, ticks) {
  const { history, place } = state;
  pen.fillStyle = ink.page;
  pen.fillRect(0, 0, place.width, AXIS);
  pen.save();
  pen.beginPath();
  pen.rect(place.left, 0, place.width, AXIS);
  pen.clip();
  for (const band of history.bands) {
    const from = Math.max(place.x(band.from), place.left), to = band.to === null ? place.width : place.x(band.to);
    if (to < place.left || from > place.width) continue;
    pen.fillStyle = ink.band;
    pen.fillRect(from, 0, Math.max(to - from, 2), 15);
    pen.fillStyle = ink['band-ink'];
    pen.textAlign = 'left';
    pen.textBaseline = 'middle';
    if (to - from > 24) pen.fillText(cut(pen, band.label, to - from - 6), from + 3, 8);
  }
  pen.restore();
  pen.strokeStyle = ink.muted;
  line(pen, place.left, AXIS, place.width, AXIS);
  pen.textBaseline = 'alphabetic';
  pen.textAlign = 'center';
  for (const { x, text } of ticks) {
    pen.strokeStyle = ink.muted;
    line(pen, x, AXIS - 5, x, AXIS);
    pen.fillStyle = ink.ink;
    if (x > place.left && x < place.width - 20) pen.fillText(text, x, AXIS - 9);
  }
  pen.textAlign = 'right';
  pen.fillStyle = ink.muted;
  pen.fillText(cut(pen, state.axis, place.left - 12), place.left - 12, AXIS - 9);
}

// The whole history in one strip: how much goes on, what is wrong, and what of it is in view.
function drawOverview(state, canvas, ink) {
  const { pen, width, height } = fitted(canvas);
  const { history, place } = state;
  const room = Math.max(width - place.left - 8, 10);
  const x = instant => place.left + instant / state.whole * room;
  pen.fillStyle = ink.band;
  for (const band of history.bands) {
    const to = band.to === null ? width : x(band.to);
    pen.fillRect(x(band.from), 0, Math.max(to - x(band.from), 1.5), height);
  }
  const cells = overview(state, Math.ceil(room));
  const most = cells.reduce((most, cell) => Math.max(most, cell), 1);
  pen.fillStyle = ink.read;
  pen.globalAlpha = 0.6;
  cells.forEach((cell, at) => {
    if (cell > 0) pen.fillRect(place.left + at, height - 4, 1, -Math.max(1, (height - 10) * cell / most));
  });
  pen.globalAlpha = 1;
  const marks = (rows, colour, top) => {
    pen.fillStyle = colour;
    let last = -1;
    for (const row of rows) {
      const at = Math.round(x(history.start[row]));
      if (at !== last) pen.fillRect(at, top, 1.5, 8);
      last = at;
    }
  };
  for (const witness of history.witnesses.slice(0, 500)) {
    if (isOfView(state, witness)) marks(witness.rows, ink.witness, 0);
  }
  if (state.hits) marks(state.hits, ink.hit, 9);
  pen.strokeStyle = ink.ink;
  pen.lineWidth = 1.5;
  pen.strokeRect(x(state.from), 1, Math.max(x(state.to) - x(state.from), 3), height - 2);
  pen.lineWidth = 1;
}

function overview(state, width) {
  if (state.density && state.density.length === width) return state.density;
  const cells = state.density = new Float64Array(width);
  const { history, chosen } = state;
  for (let at = 0; at < chosen.count; at++) {
    cells[Math.min(width - 1, Math.floor(history.start[chosen.row(at)] / state.whole * width))]++;
  }
  return cells;
}

const isOfView = (state, witness) => state.register === null || witness.register === null || witness.register === state.register;
