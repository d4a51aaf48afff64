// Checks whether a received value matches a script's pattern.
import { isDeepStrictEqual } from 'node:util';
import { lookUp } from './value.mjs';

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const isType = {
  id: (value) => typeof value === 'string' && uuid7.test(value),
  time: (value) =>
    typeof value === 'string' && isoTime.test(value) && !Number.isNaN(Date.parse(value)),
  number: (value) => Number.isSafeInteger(value) && value >= 0,
  text: (value) => typeof value === 'string' && value !== '',
  list: (value) => Array.isArray(value),
  any: (value) => value !== undefined,
};

/// Returns undefined if `value` matches, otherwise a sentence about the first difference. Adds the
/// pattern's captures to `captures` (a Map).
export function mismatch(pattern, value, captures, where = '') {
  const at = where || 'it';
  switch (pattern.kind) {
    case 'literal':
      return value === pattern.value ? undefined : `${at} is ${show(value)}, not ${show(pattern.value)}`;
    case 'reference': {
      const wanted = lookUp(pattern.path, captures);
      return isDeepStrictEqual(value, wanted)
        ? undefined
        : `${at} is ${show(value)}, not $${pattern.path.join('.')} = ${show(wanted)}`;
    }
    case 'absent':
      return value === undefined ? undefined : `${at} is ${show(value)}, but must be absent`;
    case 'wildcard':
      return wildcardMismatch(pattern, value, captures, at);
    case 'array':
      if (!Array.isArray(value)) return `${at} is ${show(value)}, not a list`;
      if (value.length !== pattern.items.length) {
        return `${at} has ${value.length} items, not ${pattern.items.length}: ${show(value)}`;
      }
      return first(pattern.items, (item, i) => mismatch(item, value[i], captures, `${where}[${i}]`));
    case 'object':
      return objectMismatch(pattern, value, captures, where, at);
    default:
      throw new Error(`unknown pattern ${pattern.kind}`);
  }
}

function wildcardMismatch(pattern, value, captures, at) {
  if (!isType[pattern.type](value)) return `${at} is ${show(value)}, not <${pattern.type}>`;
  if (pattern.count !== undefined && value.length !== pattern.count) {
    return `${at} has ${value.length} items, not ${pattern.count}: ${show(value)}`;
  }
  if (pattern.part !== undefined && !value.includes(pattern.part)) {
    return `${at} is ${show(value)}, which does not say ${show(pattern.part)}`;
  }
  if (pattern.capture) captures.set(pattern.capture, value);
  return undefined;
}

function objectMismatch(pattern, value, captures, where, at) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return `${at} is ${show(value)}, not an object`;
  }
  if (pattern.exact) {
    const known = pattern.fields.map(([name]) => name);
    const extra = Object.keys(value).filter((name) => !known.includes(name));
    if (extra.length > 0) return `${at} has fields that must not be there: ${extra.join(', ')}`;
  }
  return first(pattern.fields, ([name, field]) => {
    const path = where ? `${where}.${name}` : name;
    const own = Object.hasOwn(value, name) ? value[name] : undefined;
    return mismatch(field, own, captures, path);
  });
}

function first(items, test) {
  for (const [i, item] of items.entries()) {
    const found = test(item, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

/// JSON for people: long texts are shortened.
export function show(value, charsMax = 600) {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value);
  return text.length <= charsMax ? text : `${text.slice(0, charsMax)}... (${text.length} characters)`;
}
