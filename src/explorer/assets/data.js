// The operations of a history, from the columns that the page carries.

const KINDS = ['read', 'write', 'cas', 'failed-cas'];
const BLOCK = 512;

// Whole numbers one after another, seven bits a byte, the lowest first.
function numbers(text) {
  const raw = atob(text);
  let at = 0;
  const next = () => {
    let number = 0, factor = 1, byte;
    do {
      byte = raw.charCodeAt(at++);
      number += (byte & 127) * factor;
      factor *= 128;
    } while (byte >= 128);
    return number;
  };
  const unfolded = number => number % 2 ? -(number + 1) / 2 : number / 2;
  return { next, unfolded, signed: () => unfolded(next()), more: () => at < raw.length };
}

function decode(packed) {
  const { count, registers, columns } = packed;
  const history = {
    ...packed,
    start: new Float64Array(count), end: new Float64Array(count), drawnEnd: new Float64Array(count),
    lane: new Uint32Array(count), kind: new Uint8Array(count), register: new Uint32Array(count),
    first: new Uint32Array(count), second: new Int32Array(count).fill(-1), line: new Float64Array(count),
    rank: new Int32Array(count).fill(-1), point: new Float64Array(count).fill(NaN), stale: new Uint8Array(count),
    others: new Map(packed.fields[0].map((row, at) => [row, packed.fields[1][at]])),
  };
  const offsets = new Float64Array(registers.length);
  registers.reduce((sum, register, at) => { offsets[at] = sum; return sum + register.values; }, 0);
  const [start, length, who, register, value, line, rank] =
    ['start', 'length', 'who', 'register', 'value', 'line', 'rank'].map(name => numbers(columns[name]));
  const lastValue = new Float64Array(registers.length), lastRank = new Float64Array(registers.length).fill(-1);
  let now = 0, above = 0, latest = 0;
  for (let row = 0; row < count; row++) {
    now += start.next();
    history.start[row] = now;
    const took = length.next();
    history.end[row] = took === 0 ? Infinity : now + took - 1;
    latest = Math.max(latest, took === 0 ? now : history.end[row]);
    const code = who.next();
    history.lane[row] = Math.floor(code / 4);
    history.kind[row] = code % 4;
    const at = history.register[row] = register.next();
    history.first[row] = offsets[at] + (lastValue[at] += value.signed());
    if (code % 4 > 1) history.second[row] = offsets[at] + (lastValue[at] += value.signed());
    history.line[row] = above += line.signed();
    if (registers[at].order) {
      const place = rank.next();
      if (place > 0) history.rank[row] = lastRank[at] += rank.unfolded(place - 1) + 1;
    }
  }
  // A history at one instant is one unit wide.
  history.latest = Math.max(latest, 1);
  history.values = values(packed.values);
  const stale = numbers(columns.stale);
  for (let row = 0; stale.more();) history.stale[row += stale.next()] = 1;
  openEnds(history);
  points(history);
  return history;
}

function values({ numbers: text, texts }) {
  const stream = numbers(text), found = [];
  let last = 0, next = 0;
  while (stream.more()) {
    const code = stream.next();
    found.push(code === 0 ? texts[next++] : last += stream.unfolded(code - 1));
  }
  return found;
}

// What never returned is drawn until its process does something else.
function openEnds(history) {
  const next = new Float64Array(history.processes.length).fill(Infinity);
  for (let row = history.count - 1; row >= 0; row--) {
    const lane = history.lane[row];
    history.drawnEnd[row] = history.end[row] < Infinity ? history.end[row] : Math.min(next[lane], history.latest * 1.02);
    next[lane] = history.start[row];
  }
}

// An instant for each operation of an order, within its start and end: as early as what stands before it allows.
function points(history) {
  history.orders = history.registers.map(register => register.order ? [] : null);
  for (let row = 0; row < history.count; row++) {
    if (history.rank[row] >= 0) history.orders[history.register[row]][history.rank[row]] = row;
  }
  for (const order of history.orders) {
    let now = 0;
    for (const row of order || []) history.point[row] = now = Math.max(now, history.start[row]);
  }
}

const valueOf = (history, id) => String(history.values[id]);

function said(history, row) {
  const first = valueOf(history, history.first[row]);
  return history.second[row] < 0 ? first : `${first} → ${valueOf(history, history.second[row])}`;
}

// The operations of one register, or of all, with the latest end of each block of them.
function selection(history, register) {
  let rows = null;
  if (register !== null) {
    const found = [];
    for (let row = 0; row < history.count; row++) if (history.register[row] === register) found.push(row);
    rows = Uint32Array.from(found);
  }
  const count = rows ? rows.length : history.count;
  const latest = new Float64Array(Math.ceil(count / BLOCK));
  for (let at = 0; at < count; at++) {
    const block = Math.floor(at / BLOCK), end = history.drawnEnd[rows ? rows[at] : at];
    if (end > latest[block]) latest[block] = end;
  }
  return { rows, count, latest, row: at => rows ? rows[at] : at };
}

// How many operations of a selection start up to an instant.
function startedBy(history, chosen, instant) {
  let low = 0, high = chosen.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (history.start[chosen.row(middle)] <= instant) low = middle + 1; else high = middle;
  }
  return low;
}

// Visits what is under way at some time between two instants.
function eachBetween(history, chosen, from, to, visit) {
  const stop = startedBy(history, chosen, to);
  for (let block = 0; block * BLOCK < stop; block++) {
    if (chosen.latest[block] < from) continue;
    const end = Math.min(stop, (block + 1) * BLOCK);
    for (let at = block * BLOCK; at < end; at++) {
      const row = chosen.row(at);
      if (history.drawnEnd[row] >= from && visit(row) === false) return;
    }
  }
}

// Times as people read them: in one unit for a whole axis.
const UNITS = [[1, 'ns'], [1e3, 'µs'], [1e6, 'ms'], [1e9, 's']];
const PLAIN = [[1, 'time'], [1e3, 'time, 10³'], [1e6, 'time, 10⁶'], [1e9, 'time, 10⁹'], [1e12, 'time, 10¹²']];

function scale(history, span) {
  const base = Number(history.base);
  const counts = { ns: UNITS, events: [[1, 'events']] }[history.unit] || PLAIN;
  const [factor, unit] = counts.filter(([factor]) => factor * 10 <= span).pop() || counts[0];
  // The offset of a clock that counts since 1970 would hide what differs.
  const isFar = Math.abs(base) > 50 * Math.max(history.latest, 1) || Math.abs(base) > 1e15;
  return { factor, unit, offset: isFar ? 0 : base, isFar };
}

const grouped = number => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');

function exactly(history, instant) {
  if (instant === Infinity) return 'never';
  const time = (BigInt(history.base) + BigInt(Math.round(instant))).toString();
  const sign = history.exact ? '' : '≈ ';
  if (history.unit === 'ns') return `${sign}${time} ns`;
  return history.unit === 'events' ? `event ${time}` : sign + time;
}

function duration(history, span) {
  if (history.unit !== 'ns') return String(span);
  const [factor, unit] = UNITS.filter(([factor]) => factor <= span).pop() || UNITS[0];
  return `${Number((span / factor).toPrecision(4))} ${unit}`;
}
