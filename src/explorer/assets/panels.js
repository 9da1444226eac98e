// What stands beside the picture: registers, violations, the selected operation, a table.

const LISTED = 300;
const WORDS = { h: 'holds', v: 'violated', u: 'undecided', n: 'not applicable' };

// An element with text, which is never taken for markup.
function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const verdictOf = (history, register) => register.verdicts[history.models.indexOf(history.model)] || 'u';

function showRegisters(state, filter, choose) {
  const { history } = state, list = document.getElementById('registers');
  list.replaceChildren();
  const wanted = filter.toLowerCase();
  const add = (index, name, verdict) => {
    const item = element('li'), button = element('button', null, { type: 'button' });
    button.append(element('span', name), ' ');
    if (verdict) {
      const isBad = verdict === 'v';
      button.append(element('span', WORDS[verdict], { class: isBad ? 'bad' : verdict === 'h' ? 'good' : 'aside' }));
    }
    button.title = name;
    if (state.register === index) button.setAttribute('aria-current', 'true');
    button.addEventListener('click', () => choose(index));
    item.append(button);
    list.append(item);
  };
  const matching = [];
  history.registers.forEach((register, index) => {
    const name = register.key ?? 'without a key';
    if (name.toLowerCase().includes(wanted) || WORDS[verdictOf(history, register)].includes(wanted)) matching.push(index);
  });
  if (history.registers.length > 1 && !wanted) add(null, `All ${history.registers.length} registers`, null);
  // What is wrong stands first.
  const order = { v: 0, u: 1, n: 2, h: 3 };
  const rank = index => order[verdictOf(history, history.registers[index])];
  matching.sort((a, b) => rank(a) - rank(b) || a - b);
  for (const index of matching.slice(0, LISTED)) {
    add(index, history.registers[index].key ?? 'without a key', verdictOf(history, history.registers[index]));
  }
  if (matching.length > LISTED) list.append(element('li', `and ${matching.length - LISTED} more: filter them`, { class: 'aside' }));
}

function showWitnesses(state, choose) {
  const { history } = state, panel = document.getElementById('witnesses');
  panel.replaceChildren();
  const found = history.witnesses.filter(witness => isOfView(state, witness));
  state.found = found;
  if (found.length === 0) {
    const isOrdered = state.register === null ? history.registers.every(r => r.order) : history.registers[state.register].order;
    panel.append(element('p', isOrdered ? 'No violation. Dots are the instants of an order that proves it: each operation takes effect at its dot.' : 'No violation is known.', { class: 'aside' }));
    return;
  }
  const all = state.register === null ? history.witnesses_in_all : found.length;
  panel.append(element('h2', all === 1 ? 'Why not' : `Why not: ${all} reasons`));
  for (const witness of found.slice(0, LISTED)) {
    const key = witness.register === null ? null : history.registers[witness.register].key;
    const name = `not ${witness.models.join(', ')}: ${witness.rule}${key === null ? '' : `, key ${key}`}`;
    const button = element('button', name, { type: 'button' });
    if (state.witness === witness) {
      button.setAttribute('aria-current', 'true');
      panel.append(button, element('p', witness.explanation));
      if (witness.operations > witness.rows.length) panel.append(element('p', `${witness.rows.length} of its ${witness.operations} operations are marked.`, { class: 'aside' }));
    } else {
      panel.append(button);
    }
    button.addEventListener('click', () => choose(witness));
  }
  if (all > LISTED) panel.append(element('p', `and ${all - LISTED} more: choose a register`, { class: 'aside' }));
}

function facts(history, row) {
  const register = history.registers[history.register[row]];
  const pairs = [
    ['line', String(history.line[row])], ['process', history.processes[history.lane[row]]],
    ['operation', KINDS[history.kind[row]]], ['value', said(history, row)],
    ['start', exactly(history, history.start[row])], ['end', exactly(history, history.end[row])],
  ];
  if (register.key !== null) pairs.splice(2, 0, ['key', register.key]);
  if (history.end[row] < Infinity && history.unit !== 'events') pairs.push(['took', duration(history, history.end[row] - history.start[row])]);
  if (history.rank[row] >= 0) pairs.push(['in the order', `${history.rank[row] + 1} of ${history.orders[history.register[row]].length}`]);
  if (history.stale[row]) pairs.push(['stale', 'its value was too old']);
  if (history.others.has(row)) pairs.push(['other fields', history.others.get(row)]);
  return pairs;
}

function showDetail(state) {
  const { history } = state, panel = document.getElementById('detail');
  panel.replaceChildren();
  if (state.selected === null) {
    const register = state.register === null ? null : history.registers[state.register];
    const count = state.chosen.count;
    panel.append(element('p', `${grouped(count)} ${count === 1 ? 'operation' : 'operations'}${register && register.key !== null ? ` on ${register.key}` : ''}, initial value ${history.initial}. Choose one in the picture, or find it.`));
    if (register) {
      const list = element('dl');
      history.models.forEach((model, at) => list.append(element('dt', model), element('dd', WORDS[register.verdicts[at]], { class: register.verdicts[at] === 'v' ? 'bad' : '' })));
      panel.append(list);
    }
    return;
  }
  panel.append(element('h2', 'Operation'));
  const list = element('dl');
  for (const [name, text] of facts(history, state.selected)) list.append(element('dt', name), element('dd', text));
  panel.append(list);
}

function showRows(state, choose) {
  if (!document.getElementById('listing').open) return;
  const { history } = state, panel = document.getElementById('rows');
  const rows = [];
  eachBetween(history, state.chosen, state.from, state.to, row => rows.push(row) < LISTED);
  const table = element('table'), head = element('tr'), body = element('tbody');
  for (const name of ['line', 'process', 'key', 'operation', 'value', 'start', 'end', 'in the order']) head.append(element('th', name));
  for (const row of rows) {
    const made = element('tr', null, { tabindex: '0' });
    const key = history.registers[history.register[row]].key;
    const cells = [history.line[row], history.processes[history.lane[row]], key ?? '–', KINDS[history.kind[row]], said(history, row),
      exactly(history, history.start[row]), exactly(history, history.end[row]), history.rank[row] >= 0 ? history.rank[row] + 1 : '–'];
    cells.forEach(cell => made.append(element('td', String(cell))));
    made.addEventListener('click', () => choose(row));
    made.addEventListener('keydown', event => { if (event.key === 'Enter') choose(row); });
    body.append(made);
  }
  const top = element('thead');
  top.append(head);
  table.append(top, body);
  panel.replaceChildren(table);
  if (history.bands.length > 0) panel.append(faultTable(history));
  if (rows.length >= LISTED) panel.append(element('p', `The first ${LISTED}: zoom in for the others.`, { class: 'aside' }));
}

function faultTable(history) {
  const table = element('table'), head = element('tr'), top = element('thead'), body = element('tbody');
  for (const name of ['fault', 'from', 'to']) head.append(element('th', name));
  for (const band of history.bands.slice(0, LISTED)) {
    const row = element('tr');
    row.append(element('td', band.label), element('td', exactly(history, band.from)), element('td', band.to === null ? 'the end' : exactly(history, band.to)));
    body.append(row);
  }
  top.append(head);
  table.append(top, body);
  return table;
}

function showLegend(history) {
  const legend = document.getElementById('legend');
  const parts = [['read', 'r read'], ['write', 'w write']];
  if (history.kind.some(kind => kind > 1)) parts.push(['cas', 'cas compare-and-set']);
  if (history.witnesses.length) parts.push(['witness', 'heavy: of the violation; an arrow: must come before; dotted: was read by']);
  if (history.stale.includes(1)) parts.push(['witness', 'corner: stale read']);
  if (history.orders.some(Boolean)) parts.push(['', '● takes effect']);
  if (history.bands.length) parts.push(['band', 'shaded: a fault']);
  parts.push(['', 'dashed, open: never returned']);
  legend.replaceChildren(...parts.flatMap(([name, text], at) => [at ? ' · ' : '', element('b', text, { class: name })]));
  if (scale(history, history.latest).isFar) legend.append(` · times are since the first operation, at ${history.base}${history.unit === 'ns' ? ' ns' : ''}`);
  if (!history.exact) legend.append(' · times are too far apart for a browser to have all their digits');
  if (history.fields_left_out) legend.append(' · other fields of the file are too many for this page, and are left out in part');
}
