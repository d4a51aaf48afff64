// Reads Prometheus' text format 0.0.4 as strictly as promtool, and more strictly about order.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { rest } from '../support/rest.mjs';
import { patience } from '../support/server.mjs';

/// Returns a Map from each sample's name, with its labels as written, to its value.
export function parseMetrics(text) {
  assert.ok(text.endsWith('\n'), 'the last line ends');
  const families = new Map(); // name → { help, type }
  const samples = new Map();
  let family = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP ([a-zA-Z_:][\w:]*) (\S.*)$/.exec(line);
    if (help) {
      assert.ok(!families.has(help[1]), `two families are called ${help[1]}`);
      family = { name: help[1], type: null, count: 0 };
      families.set(help[1], family);
      continue;
    }
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (type) {
      assert.equal(type[1], family?.name, `TYPE right behind its HELP: ${line}`);
      assert.equal(family.type, null, `one TYPE: ${line}`);
      family.type = type[2];
      if (type[2] === 'counter') assert.match(type[1], /_total$/);
      else assert.doesNotMatch(type[1], /_total$/);
      continue;
    }
    const sample =
      /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})? ([-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf|NaN))$/.exec(
        line,
      );
    assert.ok(sample, `neither a comment nor a sample: ${line}`);
    const [, name, labels = '', value] = sample;
    const part = family?.type === 'histogram' ? /_(bucket|sum|count)$/.exec(name)?.[0] : '';
    assert.equal(name, `${family?.name}${part}`, `a sample stands in its family: ${line}`);
    assert.ok(family.type, `a sample comes behind the TYPE: ${line}`);
    assert.ok(!samples.has(name + labels), `a sample comes once: ${line}`);
    assert.ok(Number.isFinite(Number(value)), line);
    if (family.type !== 'gauge') assert.ok(Number(value) >= 0, line);
    samples.set(name + labels, Number(value));
    family.count++;
  }
  for (const { name, type, count } of families.values()) {
    assert.ok(type && count > 0, `${name} has a TYPE and a sample`);
  }
  for (const [name, { type }] of families) {
    if (type === 'histogram') checkHistogram(name, samples);
  }
  return samples;
}

/// Its buckets grow up to the last one, which is +Inf and holds all.
function checkHistogram(name, samples) {
  const before = new Map(); // by the labels but `le`: the bucket before
  for (const [key, value] of samples) {
    const bucket = new RegExp(`^${name}_bucket\\{(.*?),?le="([^"]+)"\\}$`).exec(key);
    if (!bucket) continue;
    const [, labels, le] = bucket;
    const bound = le === '+Inf' ? Infinity : Number(le);
    const last = before.get(labels) ?? { bound: 0, value: 0 };
    assert.ok(bound > last.bound && value >= last.value, `buckets grow: ${key}`);
    before.set(labels, { bound, value });
  }
  assert.ok(before.size > 0, `${name} has buckets`);
  for (const [labels, last] of before) {
    const suffix = labels === '' ? '' : `{${labels}}`;
    assert.equal(last.bound, Infinity, `${name} ends with +Inf`);
    assert.equal(samples.get(`${name}_count${suffix}`), last.value);
    assert.ok(samples.has(`${name}_sum${suffix}`));
  }
}

export async function metrics(server) {
  const answer = await rest(server, 'GET', '/metrics');
  assert.equal(answer.status, 200);
  return parseMetrics(answer.text);
}

export async function metric(server, name) {
  const value = (await metrics(server)).get(name);
  assert.notEqual(value, undefined, `there is no metric ${name}`);
  return value;
}

/// Waits until the metrics satisfy a condition; some are updated only at the end of a loop's turn.
export async function until(server, name, holds) {
  for (let i = 0; i < 600; i++) {
    if (holds(await metric(server, name))) return;
    await pause(25 * patience);
  }
  assert.fail(`${name} is ${await metric(server, name)}`);
}
