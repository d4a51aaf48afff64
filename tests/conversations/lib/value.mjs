// Values and patterns of a script: JSON with unquoted field names; patterns also have wildcards,
// captures and `exactly`. A value is parsed once, with its line, into a small tree:
//   { kind: 'literal', value }            a string, number, true, false, null
//   { kind: 'object', fields, exact }     fields: [name, node][]
//   { kind: 'array', items }
//   { kind: 'reference', path }           $name or $name.field: captured before
//   { kind: 'wildcard', type, ... }       <id>, <time as sent>, <text with "userId">, <list 3>
//   { kind: 'absent' }                    the field must be missing

export class ScriptError extends Error {
  constructor(line, message) {
    super(message);
    this.line = line;
  }
}

export const wildcardTypes = ['id', 'time', 'number', 'text', 'list', 'any'];

/// A cursor over one statement's text.
export class Reader {
  constructor(text, line) {
    this.text = text;
    this.line = line;
    this.at = 0;
  }

  fail(message) {
    const rest = this.text.slice(this.at, this.at + 40) || 'end of line';
    throw new ScriptError(this.line, `${message}, at: ${rest}`);
  }

  skipSpace() {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  get done() {
    this.skipSpace();
    return this.at >= this.text.length;
  }

  /// Takes the text that the regular expression matches here (after spaces), or returns undefined.
  take(pattern) {
    this.skipSpace();
    const sticky = new RegExp(pattern.source, `${pattern.flags.replace('y', '')}y`);
    sticky.lastIndex = this.at;
    const match = sticky.exec(this.text);
    if (!match) return undefined;
    this.at = sticky.lastIndex;
    return match;
  }

  need(pattern, what) {
    return this.take(pattern) ?? this.fail(`expected ${what}`);
  }

  /// A JSON string, as `"text"`, or repeated: `"x" * 1000`.
  string() {
    const [quoted] = this.need(/"(?:[^"\\]|\\.)*"/, 'a text in double quotes');
    let value;
    try {
      value = JSON.parse(quoted);
    } catch {
      this.fail(`${quoted} is not a JSON string`);
    }
    const times = this.take(/\*\s*(\d+)/);
    return times ? value.repeat(Number(times[1])) : value;
  }

  /// A value that a client sends: no wildcards, but captured values may be used.
  value() {
    return this.#node(false);
  }

  /// A pattern for what a client must receive.
  pattern() {
    return this.#node(true);
  }

  #node(isPattern) {
    this.skipSpace();
    const next = this.text[this.at];
    if (next === '"') return { kind: 'literal', value: this.string() };
    if (next === '{') return this.#object(isPattern, false);
    if (next === '[') return this.#array(isPattern);
    if (next === '$') {
      const path = this.need(/\$([A-Za-z_]\w*(?:\.\w+)*)/, 'the name of a capture')[1].split('.');
      return { kind: 'reference', path };
    }
    const number = this.take(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/);
    if (number) return { kind: 'literal', value: Number(number[0]) };
    const word = this.take(/(true|false|null)\b/);
    if (word) return { kind: 'literal', value: JSON.parse(word[0]) };
    if (isPattern) {
      if (next === '<') return this.#wildcard();
      if (this.take(/absent\b/)) return { kind: 'absent' };
      if (this.take(/exactly\b/)) {
        this.skipSpace();
        if (this.text[this.at] !== '{') this.fail('expected an object after `exactly`');
        return this.#object(isPattern, true);
      }
    }
    return this.fail(isPattern ? 'expected a pattern' : 'expected a value');
  }

  #object(isPattern, exact) {
    this.need(/\{/, '{');
    const fields = [];
    if (this.take(/\}/)) return { kind: 'object', fields, exact };
    do {
      this.skipSpace();
      const name =
        this.text[this.at] === '"' ? this.string() : this.need(/[A-Za-z_]\w*/, 'a field name')[0];
      if (fields.some(([other]) => other === name)) this.fail(`field ${name} is named twice`);
      this.need(/:/, `: after ${name}`);
      fields.push([name, this.#node(isPattern)]);
    } while (this.take(/,/));
    this.need(/\}/, ', or }');
    return { kind: 'object', fields, exact };
  }

  #array(isPattern) {
    this.need(/\[/, '[');
    const items = [];
    if (this.take(/\]/)) return { kind: 'array', items };
    do items.push(this.#node(isPattern));
    while (this.take(/,/));
    this.need(/\]/, ', or ]');
    return { kind: 'array', items };
  }

  #wildcard() {
    this.need(/</, '<');
    const type = this.need(/\w+/, 'a kind of value')[0];
    if (!wildcardTypes.includes(type)) {
      this.fail(`<${type}> is unknown; known: ${wildcardTypes.join(', ')}`);
    }
    const node = { kind: 'wildcard', type };
    if (type === 'list') {
      const count = this.take(/\d+/);
      if (count) node.count = Number(count[0]);
    }
    if (type === 'text' && this.take(/with\b/)) node.part = this.string();
    const capture = this.take(/as\s+([A-Za-z_]\w*)/);
    if (capture) node.capture = capture[1];
    this.need(/>/, '>');
    return node;
  }
}

/// Every reference (`use`) and capture (`define`) of a tree, in the order of matching.
export function visitNames(node, { use, define }) {
  if (node.kind === 'reference') use(node.path[0]);
  if (node.kind === 'wildcard' && node.capture) define(node.capture);
  for (const [, field] of node.fields ?? []) visitNames(field, { use, define });
  for (const item of node.items ?? []) visitNames(item, { use, define });
}

/// The value of a reference. `captures` is a Map.
export function lookUp(path, captures) {
  let value = captures.get(path[0]);
  if (!captures.has(path[0])) throw new Error(`$${path[0]} has not been captured`);
  for (const field of path.slice(1)) {
    if (value === null || typeof value !== 'object' || !(field in value)) {
      throw new Error(`$${path.join('.')}: there is no ${field} in ${JSON.stringify(value)}`);
    }
    value = value[field];
  }
  return value;
}

/// The JSON value of a tree without wildcards.
export function evaluate(node, captures) {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'reference':
      return lookUp(node.path, captures);
    case 'array':
      return node.items.map((item) => evaluate(item, captures));
    case 'object':
      return Object.fromEntries(node.fields.map(([name, field]) => [name, evaluate(field, captures)]));
    default:
      throw new Error(`a ${node.kind} has no value`);
  }
}
