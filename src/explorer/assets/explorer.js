// What a person does, and what happens then.

document.documentElement.classList.add('script');
const by = id => document.getElementById(id);
const canvas = by('lanes'), strip = by('overview');
const packed = [...document.querySelectorAll('script.history')];
const decoded = new Map();
let state = null, isQueued = false;

function open(index) {
  if (!decoded.has(index)) decoded.set(index, decode(JSON.parse(packed[index].textContent)));
  const history = decoded.get(index);
  state = { history, register: null, selected: null, witness: null, arrows: [], hits: null, hit: -1, top: 0, lanes: [], isBusy: history.processes.length > 60 };
  by('busy').checked = state.isBusy;
  by('find').value = by('filter').value = '';
  state.whole = history.latest * 1.02;
  state.from = -0.01 * state.whole;
  state.to = state.whole;
  showLegend(history);
  chooseRegister(history.registers.length === 1 ? 0 : null);
  const first = history.witnesses.find(witness => isOfView(state, witness));
  if (first) chooseWitness(first);
}

function draw() {
  if (isQueued) return;
  isQueued = true;
  requestAnimationFrame(() => {
    isQueued = false;
    const ink = drawLanes(state, canvas);
    drawOverview(state, strip, ink);
    showRows(state, row => select(row, true));
    describe();
  });
}

// What a person who does not see the picture hears of it.
function describe() {
  const { history, place } = state;
  const name = state.register === null ? counted(history.registers.length, 'register') : `register ${history.registers[state.register].key ?? 'without a key'}`;
  const bands = history.bands.filter(band => band.from <= state.to && (band.to === null || band.to >= state.from));
  const faults = bands.length === 0 ? '' : `; faults: ${bands.slice(0, 5).map(band => band.label).join(', ')}`;
  canvas.setAttribute('aria-label', `${name}: ${counted(state.inView, 'operation')} in view, from ${exactly(history, Math.max(state.from, 0))} to ${exactly(history, state.to)}, ${counted(state.lanes.length, 'process')}${faults}`);
  canvas.dataset.bands = bands.length;
  canvas.dataset.arrows = state.witness ? state.arrows.map(arrow => `${history.line[arrow.from]}>${history.line[arrow.to]}${arrow.isReading ? '?' : ''}`).join(' ') : '';
  canvas.dataset.inView = state.inView;
  canvas.dataset.from = state.from;
  canvas.dataset.to = state.to;
  canvas.dataset.ticks = state.ticks.join(' ');
  canvas.dataset.axis = state.axis;
  canvas.dataset.lanes = state.lanes.length;
  canvas.dataset.left = place.left;
}

function chooseRegister(index) {
  const { history } = state;
  state.register = index;
  state.chosen = selection(history, history.registers.length === 1 ? null : index);
  if (state.chosen.rows) {
    const lanes = new Set();
    state.chosen.rows.forEach(row => lanes.add(history.lane[row]));
    state.lanesOfRegister = [...lanes].sort((a, b) => a - b);
  }
  state.density = null;
  if (state.selected !== null && index !== null && history.register[state.selected] !== index) state.selected = null;
  if (state.witness && !isOfView(state, state.witness)) state.witness = null;
  showRegisters(state, by('filter').value, chooseRegister);
  showWitnesses(state, chooseWitness);
  showDetail(state);
  search();
}

function chooseWitness(witness) {
  const { history } = state;
  state.witness = witness;
  state.arrows = arrows(history, witness);
  if (witness.register !== null && state.register !== null && state.register !== witness.register) chooseRegister(witness.register);
  showWitnesses(state, chooseWitness);
  const starts = witness.rows.map(row => history.start[row]);
  const ends = witness.rows.map(row => Math.min(history.end[row], history.drawnEnd[row], history.latest));
  // What never returned would make everything else small.
  const last = Math.max(...starts, ...ends.filter((_, at) => history.end[witness.rows[at]] < Infinity));
  const first = Math.min(...starts), margin = Math.max((last - first) * 0.15, state.whole * 1e-9, 1);
  view(first - margin, last + margin);
  const lane = history.lane[witness.rows[0]];
  const at = state.lanes.indexOf(lane);
  if (at >= 0 && state.place) state.top = at * state.place.lane - state.place.height / 3;
}

function select(row, isBrought) {
  state.selected = row;
  showDetail(state);
  if (row !== null && isBrought) bring(row);
  draw();
}

// Brings an operation into view, as wide as the view is.
function bring(row) {
  const { history } = state, span = state.to - state.from;
  if (history.start[row] < state.from || history.start[row] > state.to) view(history.start[row] - span / 3, history.start[row] + span * 2 / 3);
  state.lanes = lanesInView(state);
  const at = state.lanes.indexOf(history.lane[row]);
  if (at < 0 || !state.place) return;
  const { lane, height } = state.place, room = height - AXIS - lane;
  if (at * lane < state.top || at * lane > state.top + room) state.top = at * lane - room / 2;
}

function view(from, to) {
  const least = Math.min(state.history.unit === '' ? 1 : 4, state.whole);
  const span = Math.min(Math.max(to - from, least), state.whole * 1.03);
  const middle = (from + to) / 2;
  from = Math.max(-0.02 * state.whole, Math.min(middle - span / 2, state.whole * 1.02 - span));
  [state.from, state.to] = [from, from + span];
  draw();
}

function zoom(factor, x) {
  const at = x === undefined || !state.place ? (state.from + state.to) / 2 : state.place.instant(x);
  view(at - (at - state.from) * factor, at + (state.to - at) * factor);
}

function search() {
  const query = by('find').value.trim();
  state.hits = find(state.history, state.chosen, query);
  state.hit = -1;
  by('found').textContent = state.hits === null ? '' : state.hits.length === 0 ? 'none' : `${grouped(state.hits.length)} found`;
  draw();
}

// Goes through what was found, or else through the stale reads.
function step(by_) {
  const rows = state.hits || staleRows();
  if (rows.length === 0) return;
  state.hit = state.hit < 0 ? (by_ > 0 ? 0 : rows.length - 1) : (state.hit + by_ + rows.length) % rows.length;
  by('found').textContent = `${grouped(state.hit + 1)} of ${grouped(rows.length)}${state.hits ? '' : ' stale reads'}`;
  select(rows[state.hit], true);
}

function staleRows() {
  const rows = [];
  for (let at = 0; at < state.chosen.count; at++) if (state.history.stale[state.chosen.row(at)]) rows.push(state.chosen.row(at));
  return rows;
}

// The operation before or after of the same process.
function neighbour(direction) {
  const { history, chosen } = state;
  if (state.selected === null) {
    const at = startedBy(history, chosen, state.from);
    if (chosen.count > 0) select(chosen.row(Math.min(at, chosen.count - 1)), true);
    return;
  }
  const lane = history.lane[state.selected];
  let at = startedBy(history, chosen, history.start[state.selected]) - 1;
  while (at >= 0 && chosen.row(at) !== state.selected) at--;
  for (at += direction; at >= 0 && at < chosen.count; at += direction) {
    if (history.lane[chosen.row(at)] === lane) return select(chosen.row(at), true);
  }
}

function under(x, y) {
  const { history, place } = state;
  const lane = state.lanes[place.at(y)];
  let best = null, distance = 6;
  eachBetween(history, state.chosen, place.instant(x - 6), place.instant(x + 6), row => {
    if (history.lane[row] !== lane) return;
    const [from, to] = [place.x(history.start[row]), place.x(history.drawnEnd[row])];
    const away = Math.max(from - x, x - to, 0);
    if (away <= distance) [best, distance] = [row, away];
  });
  return best;
}

function pointer() {
  const down = new Map();
  let moved = 0, mark = null, pinch = 0;
  const spread = () => { const [a, b] = [...down.values()]; return Math.hypot(a.x - b.x, a.y - b.y); };
  canvas.addEventListener('pointerdown', event => {
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    moved = 0;
    mark = event.shiftKey ? event.offsetX : null;
    if (down.size === 2) pinch = spread();
  });
  canvas.addEventListener('pointermove', event => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const [dx, dy] = [event.offsetX - before.x, event.offsetY - before.y];
    moved += Math.abs(dx) + Math.abs(dy);
    down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (down.size === 2) {
      const now = spread();
      if (now > 0 && pinch > 0) zoom(pinch / now, event.offsetX);
      pinch = now;
    } else if (mark === null && moved > 4) {
      canvas.classList.add('moving');
      state.top -= dy;
      const shift = dx * (state.to - state.from) / state.place.room;
      view(state.from - shift, state.to - shift);
    }
  });
  const end = event => {
    if (!down.delete(event.pointerId)) return;
    canvas.classList.remove('moving');
    if (event.type === 'pointercancel') return;
    if (mark !== null && moved > 4) view(...[mark, event.offsetX].map(state.place.instant).sort((a, b) => a - b));
    else if (moved <= 4) select(under(event.offsetX, event.offsetY), false);
    mark = null;
  };
  canvas.addEventListener('pointerup', end);
  canvas.addEventListener('pointercancel', end);
  canvas.addEventListener('dblclick', event => zoom(0.4, event.offsetX));
  canvas.addEventListener('wheel', event => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== canvas) return;
    event.preventDefault();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
      const shift = (event.deltaX || event.deltaY) * (state.to - state.from) / state.place.room;
      view(state.from + shift, state.to + shift);
    } else {
      zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300))), event.offsetX);
    }
  }, { passive: false });
  const jump = event => {
    if (event.buttons === 0 && event.type === 'pointermove') return;
    const at = (event.offsetX - state.place.left) / Math.max(strip.clientWidth - state.place.left - 8, 10) * state.whole;
    const half = (state.to - state.from) / 2;
    view(at - half, at + half);
  };
  strip.addEventListener('pointerdown', event => { strip.setPointerCapture(event.pointerId); jump(event); });
  strip.addEventListener('pointermove', jump);
}

function nextWitness() {
  if (state.found.length > 0) chooseWitness(state.found[(state.found.indexOf(state.witness) + 1) % state.found.length]);
}

function nextRegister(direction) {
  const count = state.history.registers.length;
  if (count < 2) return;
  const all = count + 1, now = state.register === null ? 0 : state.register + 1;
  const next = (now + direction + all) % all;
  chooseRegister(next === 0 ? null : next - 1);
}

function toggleBusy() {
  state.isBusy = by('busy').checked = !state.isBusy;
  draw();
}

function toggleTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
  draw();
}

function clear() {
  by('find').value = '';
  state.witness = null;
  select(null, false);
  showWitnesses(state, chooseWitness);
  search();
}

const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;

const pan = (share, event) => {
  const shift = (state.to - state.from) * (event.shiftKey ? Math.sign(share) : share);
  view(state.from + shift, state.to + shift);
};
const KEYS = {
  ArrowLeft: event => pan(-0.2, event), ArrowRight: event => pan(0.2, event),
  ArrowUp: () => { state.top -= state.place.lane; draw(); }, ArrowDown: () => { state.top += state.place.lane; draw(); },
  '+': () => zoom(0.5), '=': () => zoom(0.5), '-': () => zoom(2), 0: () => view(-0.01 * state.whole, state.whole),
  ',': () => neighbour(-1), '.': () => neighbour(1), n: () => step(1), p: () => step(-1), w: nextWitness,
  '[': () => nextRegister(-1), ']': () => nextRegister(1), b: toggleBusy, t: toggleTheme, Escape: clear,
  Enter: () => { if (state.selected !== null) bring(state.selected); draw(); },
  '/': () => by('find').focus(), '?': () => by('keys').showModal(),
};

function keyboard() {
  document.addEventListener('keydown', event => {
    const inField = event.target.matches('input, select, textarea, dialog, dialog *');
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === by('find') && ['Enter', 'Escape'].includes(event.key)) {
      if (event.key === 'Enter') step(event.shiftKey ? -1 : 1); else { clear(); canvas.focus(); }
      event.preventDefault();
      return;
    }
    const isOnControl = event.target.matches('button, summary, a, tr') && ['Enter', ' '].includes(event.key);
    // Elsewhere arrows scroll the page.
    const isScroll = event.key.startsWith('Arrow') && event.target !== canvas;
    if (inField || isOnControl || isScroll || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key](event);
  });
}

function begin() {
  by('explorer').hidden = false;
  packed.forEach((data, at) => {
    const file = JSON.parse(`"${(data.textContent.match(/^\{"file":"((?:[^"\\]|\\.)*)"/) || ['', ''])[1]}"`);
    by('history').append(element('option', file, { value: String(at) }));
  });
  by('pick').hidden = packed.length < 2;
  by('history').addEventListener('change', () => open(Number(by('history').value)));
  let waiting = 0;
  by('find').addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
  by('filter').addEventListener('input', () => showRegisters(state, by('filter').value, chooseRegister));
  const clicks = { previous: () => step(-1), next: () => step(1), out: () => zoom(2), in: () => zoom(0.5), fit: KEYS[0], theme: toggleTheme, help: KEYS['?'], close: () => by('keys').close() };
  for (const [id, act] of Object.entries(clicks)) by(id).addEventListener('click', act);
  by('busy').addEventListener('change', () => { state.isBusy = by('busy').checked; draw(); });
  by('listing').addEventListener('toggle', draw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  new ResizeObserver(() => { if (state) draw(); }).observe(canvas);
  pointer();
  keyboard();
  open(0);
}

if (packed.length > 0) begin();
