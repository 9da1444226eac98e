// Tries the page of `quorate check --html` in a browser: explorer.mjs CHROMIUM FOLDER, with the pages that
// tests/it/explorer_page.rs has written there, and the files that they were made of.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { browser } from './browser.mjs';

const [program, folder] = process.argv.slice(2);
const read = name => readFileSync(join(folder, name), 'utf8');
const lines = name => read(name).split('\n').filter(Boolean).map(line => JSON.parse(line));

// The table of the operations in view, row by row.
const TABLE = `(() => { document.getElementById('listing').open = true; return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => done(
  [...document.querySelectorAll('#rows table')].map(table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent)))))))); })()`;
const data = name => `document.getElementById('lanes').dataset.${name}`;
const text = selector => `document.querySelector(${JSON.stringify(selector)}).innerText`;

const tests = {
  async 'the table has what the file has'(page, open) {
    await open('run.html');
    const [rows] = await page.evaluate(TABLE);
    const expected = lines('run.jsonl').map((operation, at) => [at + 1, operation.process, operation.key, operation.op,
      Array.isArray(operation.value) ? operation.value.join(' → ') : JSON.stringify(operation.value), operation.start, operation.end ?? 'never'].map(String));
    const sorted = rows => rows.map(row => row.slice(0, 7)).sort((a, b) => a[0] - b[0]);
    assert.deepEqual(sorted(rows), sorted(expected));
    // The order of each register is within the times of its operations, and each read returns what was written last.
    for (const key of ['x', 'y']) {
      const order = rows.filter(row => row[2] === key && row[7] !== '–').sort((a, b) => a[7] - b[7]);
      assert.deepEqual(order.map(row => Number(row[7])), order.map((_, at) => at + 1));
      let value = '0', latest = -Infinity;
      for (const [, , , name, said, start, end] of order) {
        latest = Math.max(latest, Number(start));
        assert.ok(end === 'never' || latest <= Number(end), `${key}: ${said} takes effect before it ends`);
        if (name === 'write') value = said; else if (name === 'read') assert.equal(said, value); else [, value] = said.split(' → ');
      }
    }
  },

  async 'keys move, zoom, find and choose'(page, open) {
    await open('run.html');
    await page.evaluate(`document.getElementById('lanes').focus()`);
    const span = async () => (await page.evaluate(data('to'))) - (await page.evaluate(data('from')));
    const whole = await span();
    await press(page, '+');
    assert.ok(Math.abs(await span() - whole / 2) < whole * 1e-6);
    const from = Number(await page.evaluate(data('from')));
    await press(page, 'ArrowRight');
    assert.ok(Number(await page.evaluate(data('from'))) > from);
    await press(page, '0');
    assert.ok(Math.abs(await span() - whole) < whole * 0.02);
    await press(page, '/');
    await page.type('write process:1');
    await wait(page, `${text('#found')} !== ''`);
    const count = lines('run.jsonl').filter(operation => operation.op === 'write' && operation.process === 1).length;
    assert.equal(await page.evaluate(text('#found')), `${count} found`);
    await press(page, 'Enter');
    assert.equal(await page.evaluate(text('#found')), `1 of ${count}`);
    const detail = await page.evaluate(text('#detail'));
    assert.match(detail, /process\s+1/);
    assert.match(detail, /operation\s+write/);
    await press(page, 'Escape');
    assert.equal(await page.evaluate(text('#found')), '');
    assert.equal(await page.evaluate('document.activeElement.id'), 'lanes');
    await press(page, ']');
    assert.equal(await page.evaluate(`document.querySelector('#registers [aria-current]').textContent.split(' ')[0]`), 'x');
    const own = lines('run.jsonl').filter(operation => operation.key === 'x').length;
    assert.equal(Number(await page.evaluate(data('inView'))), own);
    await press(page, '.');
    assert.match(await page.evaluate(text('#detail')), /line/);
    await press(page, '?');
    assert.ok(await page.evaluate(`document.getElementById('keys').open`));
    await press(page, 'Escape');
    assert.ok(!await page.evaluate(`document.getElementById('keys').open`));
  },

  async 'a violation has its operations, its arrows and its reason'(page, open) {
    await open('violated.html');
    assert.match(await page.evaluate(text('#witnesses')), /stale read/);
    // The write of 1 and its overwriting both precede the read of 1, which the dotted arrow explains.
    assert.equal(await page.evaluate(data('arrows')), '1>2 2>3 1>3?');
    await page.evaluate(`document.getElementById('lanes').focus()`);
    await press(page, 'n');
    assert.match(await page.evaluate(text('#found')), /1 of 1 stale reads/);
    assert.match(await page.evaluate(text('#detail')), /its value was too old/);
    assert.match(await page.evaluate(text('#detail')), /other fields\s+\{"note":"slow"\}/);
    // A click chooses what is under it.
    await press(page, 'Escape');
    const box = await page.evaluate(`(() => { const box = document.getElementById('lanes').getBoundingClientRect(); return [box.x, box.y, box.width]; })()`);
    const [left, first, last] = (await Promise.all(['left', 'from', 'to'].map(name => page.evaluate(data(name))))).map(Number);
    const x = box[0] + left + (5 - first) / (last - first) * (box[2] - left - 8);
    for (const type of ['mousePressed', 'mouseReleased']) await page.mouse(type, x, box[1] + 42 + 23 + 5);
    assert.match(await page.evaluate(text('#detail')), /line\s+1\s/);
  },

  async 'faults are bands, in the time of the file'(page, open) {
    await open('nemesis.html');
    assert.equal(await page.evaluate(data('bands')), '2');
    assert.match(await page.evaluate(`document.getElementById('lanes').getAttribute('aria-label')`), /faults: start-partition majority, kill n1/);
    const tables = await page.evaluate(TABLE);
    assert.deepEqual(tables[1], [['start-partition majority', '4000000 ns', '9000000 ns'], ['kill n1', '9500000 ns', 'the end']]);
    assert.equal(await page.evaluate(data('axis')), 'ms');
    await open('simulated.html');
    const [, faults] = await page.evaluate(TABLE);
    assert.deepEqual(faults, [['crash of n1', '2000000 ns', '30000000 ns'], ['messages lost with probability 0.25', '5000000 ns', 'the end']]);
  },

  async 'nothing that a file says is obeyed'(page, open) {
    await open('hostile.html');
    const names = await page.evaluate(`[...document.querySelectorAll('#registers button span:first-child')].map(span => span.textContent)`);
    assert.ok(names.includes('"</script><script>document.title=1</script>"'), names.join());
    const [rows] = await page.evaluate(TABLE);
    assert.ok(rows.some(row => row[1] === '"<img src=x onerror=document.title=1>"'));
    assert.ok(rows.some(row => row[4].startsWith('"<!--<script>')));
    assert.equal(await page.evaluate(`document.querySelectorAll('img, iframe, script:not(.history)').length`), 1);
    assert.notEqual(await page.evaluate('document.title'), '1');
    assert.ok(!(await page.evaluate(`document.body.innerText`)).includes('\u202e'), 'marks that turn text around are spelled out');
  },

  async 'light, dark, and any width'(page, open) {
    for (const isDark of [false, true]) {
      await page.dark(isDark);
      for (const [width, height] of [[1600, 900], [1024, 768], [390, 844], [320, 600]]) {
        await page.size(width, height, width < 500 ? 2 : 1);
        await open('violated.html');
        const wide = await page.evaluate('document.documentElement.scrollWidth');
        assert.ok(wide <= width, `${wide} in ${width}`);
        const lit = await page.evaluate(`(() => { const canvas = document.getElementById('lanes'), pen = canvas.getContext('2d');
          const all = pen.getImageData(0, 0, canvas.width, canvas.height).data; let inked = 0;
          for (let at = 3; at < all.length; at += 4) if (all[at] > 0) inked++; return inked; })()`);
        assert.ok(lit > 2000, `${lit} pixels are drawn`);
        const [red] = await page.evaluate(`getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)`);
        assert.equal(red < 128, isDark);
        await press(page, 't');
        const [other] = await page.evaluate(`getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)`);
        assert.equal(other < 128, !isDark);
      }
    }
    await page.dark(false);
    await page.size(1400, 800);
  },

  async 'without scripts the answers stand there'(page, open) {
    await page.scripts(false);
    await open('violated.html', false);
    // What a script asks is answered all the same.
    assert.match(await page.evaluate(text('main')), /atomic\s+violated\s+stale read/);
    assert.equal(await page.evaluate(`getComputedStyle(document.getElementById('explorer')).display`), 'none');
    await page.scripts(true);
  },

  async 'all histories are on one page'(page, open) {
    await open('several.html');
    assert.deepEqual(await page.evaluate(`[...document.querySelectorAll('#history option')].map(option => option.textContent)`), ['run.jsonl', 'violated.jsonl', 'nemesis.edn']);
    await page.evaluate(`(() => { const pick = document.getElementById('history'); pick.value = '1'; pick.dispatchEvent(new Event('change')); })()`);
    await page.settle();
    assert.match(await page.evaluate(text('#witnesses')), /stale read/);
    assert.match(await page.evaluate(text('main')), /Not read: broken.jsonl/);
  },

  async 'times that no float has keep their digits'(page, open) {
    await open('clocks.html');
    const [rows] = await page.evaluate(TABLE);
    assert.deepEqual(rows.map(row => row.slice(4, 7)), [['9007199254740993', '1700000000000000001', '1700000000000000007'], ['9007199254740993', '1700000000000000011', 'never']]);
  },

  async 'many operations do not choke it'(page, open) {
    const begun = Date.now();
    await open('many.html');
    await page.evaluate(`document.getElementById('fit').click()`);
    await page.settle();
    assert.equal(await page.evaluate(data('inView')), '200000');
    for (let at = 0; at < 12; at++) {
      await page.evaluate(`document.getElementById('in').click()`);
      await page.settle();
    }
    const shown = Number(await page.evaluate(data('inView')));
    assert.ok(shown > 0 && shown < 1000, `${shown} in view`);
    assert.ok(Date.now() - begun < 30000, `${Date.now() - begun} ms`);
  },
};

async function press(page, key) {
  await page.key(key);
  await page.settle();
}

async function wait(page, condition) {
  for (let at = 0; at < 200; at++) {
    if (await page.evaluate(condition)) return page.settle();
    await new Promise(done => setTimeout(done, 20));
  }
  throw new Error(`never: ${condition}`);
}

const running = await browser(program);
let failed = 0;
try {
  const page = await running.page();
  await page.size(1400, 800);
  const open = async (name, isSettled = true) => {
    await page.open(`file://${join(folder, name)}`);
    if (isSettled) await page.settle();
  };
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test(page, open);
      assert.deepEqual(page.problems, []);
      console.log(`ok: ${name}`);
    } catch (error) {
      failed++;
      page.problems.length = 0;
      console.log(`FAILED: ${name}\n${error.stack}`);
    }
  }
} finally {
  await running.close();
}
process.exitCode = failed === 0 ? 0 : 1;
