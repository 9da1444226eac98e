// A real browser over a pipe: Chromium's protocol needs no package.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SECONDS = 60;

export async function browser(program) {
  const profile = mkdtempSync(join(tmpdir(), 'quorate-browser-'));
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'];
  const child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const [into, from] = [child.stdio[3], child.stdio[4]];
  const waiting = new Map(), listeners = [];
  let number = 0, rest = Buffer.alloc(0);
  from.on('data', data => {
    rest = Buffer.concat([rest, data]);
    for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
      const message = JSON.parse(rest.subarray(0, end).toString());
      if (message.id) {
        const { resolve, reject } = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.error) reject(new Error(JSON.stringify(message.error))); else resolve(message.result);
      } else {
        listeners.forEach(listener => listener(message));
      }
    }
  });
  const send = (method, params = {}, sessionId) => new Promise((resolve, reject) => {
    const id = ++number;
    const late = setTimeout(() => reject(new Error(`${method} took longer than ${SECONDS} s`)), SECONDS * 1000);
    waiting.set(id, { resolve: result => { clearTimeout(late); resolve(result); }, reject });
    into.write(JSON.stringify({ id, method, params, sessionId }) + '\0');
  });
  const close = async () => {
    child.kill('SIGKILL');
    await new Promise(done => child.exitCode !== null || child.signalCode ? done() : child.once('exit', done));
    try { rmSync(profile, { recursive: true, force: true, maxRetries: 5 }); } catch { /* The system empties its folder. */ }
  };
  return { page: () => page(send, listeners), close };
}

async function page(send, listeners) {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const call = (method, params) => send(method, params, sessionId);
  const problems = [];
  let loaded = () => {};
  listeners.push(message => {
    if (message.sessionId !== sessionId) return;
    if (message.method === 'Page.loadEventFired') loaded();
    if (message.method === 'Runtime.exceptionThrown') problems.push(message.params.exceptionDetails.exception?.description ?? message.params.exceptionDetails.text);
    if (message.method === 'Log.entryAdded' && message.params.entry.level === 'error') problems.push(message.params.entry.text);
    if (message.method === 'Network.requestWillBeSent' && !/^(file|data|about):/.test(message.params.request.url)) problems.push(`asks for ${message.params.request.url}`);
    if (message.method === 'Page.javascriptDialogOpening') problems.push('opens a dialog');
  });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await call(`${domain}.enable`);
  const evaluate = async expression => {
    const { result, exceptionDetails } = await call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return result.value;
  };
  return {
    problems, evaluate, call,
    open: async url => {
      const done = new Promise(resolve => { loaded = resolve; });
      await call('Page.navigate', { url });
      await done;
    },
    size: (width, height, ratio = 1) => call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: ratio, mobile: false }),
    dark: isDark => call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' }] }),
    scripts: areOn => call('Emulation.setScriptExecutionDisabled', { value: !areOn }),
    // Two frames, so that what was asked for is drawn.
    settle: () => evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))'),
    key: async (key, modifiers = 0) => {
      const text = key.length === 1 ? key : undefined;
      const code = { Enter: 13, Escape: 27, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40, Tab: 9 }[key];
      await call('Input.dispatchKeyEvent', { type: 'keyDown', key, text, modifiers, windowsVirtualKeyCode: code });
      await call('Input.dispatchKeyEvent', { type: 'keyUp', key, modifiers, windowsVirtualKeyCode: code });
    },
    type: text => call('Input.insertText', { text }),
    mouse: (type, x, y, more = {}) => call('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1, ...more }),
    picture: async file => {
      const { data } = await call('Page.captureScreenshot', { format: 'png' });
      writeFileSync(file, Buffer.from(data, 'base64'));
    },
  };
}
