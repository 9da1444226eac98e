// Finds operations by words that must all occur.

function find(history, chosen, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  const tests = words.map(word => tester(history, word));
  const found = [];
  for (let at = 0; at < chosen.count; at++) {
    const row = chosen.row(at);
    if (tests.every(test => test(row))) found.push(row);
  }
  return found;
}

// Each word is looked for in all values, processes and keys once, and then in numbers.
function tester(history, word) {
  const [, field, rest] = word.match(/^(value|process|key|line):(.+)$/) || [];
  const matching = (texts, wanted, isWhole) => texts.map(text => {
    const shown = String(text).toLowerCase();
    return isWhole ? shown === wanted || shown === `"${wanted}"` : shown.includes(wanted);
  });
  const value = (wanted, isWhole) => {
    const hits = matching(history.values, wanted, isWhole);
    return row => hits[history.first[row]] || (history.second[row] >= 0 && hits[history.second[row]]);
  };
  const process = wanted => {
    const hits = matching(history.processes, wanted, true);
    return row => hits[history.lane[row]];
  };
  const key = wanted => {
    const hits = matching(history.registers.map(register => register.key ?? ''), wanted, true);
    return row => hits[history.register[row]];
  };
  switch (field) {
    case 'value': return value(rest, true);
    case 'process': return process(rest);
    case 'key': return key(rest);
    case 'line': return row => history.line[row] === Number(rest);
  }
  const kind = KINDS.indexOf(word);
  if (kind >= 0) return row => history.kind[row] === kind;
  if (word === 'pending') return row => history.end[row] === Infinity;
  if (word === 'stale') return row => history.stale[row] === 1;
  // A whole number is a whole value, as 1 would be in nearly all of them.
  const isNumber = /^-?\d+$/.test(word);
  const parts = [value(word, isNumber)];
  if (!isNumber) {
    const names = matching(history.processes, word, false), keys = matching(history.registers.map(r => r.key ?? ''), word, false);
    parts.push(row => names[history.lane[row]], row => keys[history.register[row]]);
    if (history.others.size > 0) parts.push(row => (history.others.get(row) || '').toLowerCase().includes(word));
  }
  return row => parts.some(part => part(row));
}

// Which operations of a witness must come before which: the pairs that no third one stands between.
function arrows(history, witness) {
  const rows = [...witness.rows].sort((a, b) => a - b);
  const isBefore = (a, b) => {
    if (a === b) return false;
    const isProgram = history.lane[a] === history.lane[b] && a < b && history.end[a] < Infinity;
    return isProgram || (!witness.leaves_time_out && history.end[a] < history.start[b]);
  };
  const found = [];
  for (const a of rows) {
    for (const b of rows) {
      if (!isBefore(a, b) || rows.some(c => isBefore(a, c) && isBefore(c, b))) continue;
      found.push({ from: a, to: b, isReading: false });
    }
  }
  // Who read what whom wrote: an arrow of another kind.
  const written = row => history.kind[row] === 1 ? history.first[row] : history.second[row];
  for (const a of rows) {
    if (history.kind[a] !== 1 && history.kind[a] !== 2) continue;
    for (const b of rows) {
      const reads = history.kind[b] === 0 || history.kind[b] === 2;
      if (a !== b && reads && history.register[a] === history.register[b] && history.first[b] === written(a)) {
        found.push({ from: a, to: b, isReading: true });
      }
    }
  }
  return found;
}
