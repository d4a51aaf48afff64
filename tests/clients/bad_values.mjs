// Values that each kind of field must refuse: [description, value, code…]. Several codes if the
// contract allows more than one for the error.

const wrongTypesForText = [
  ['a number', 7, 'wrong_type'],
  ['true', true, 'wrong_type'],
  ['an array', ['u'], 'wrong_type'],
  ['an object', { id: 'u' }, 'wrong_type'],
];

const wrongTypesForNumber = [
  ['a text', '5', 'wrong_type'],
  ['true', true, 'wrong_type'],
  ['an array', [5], 'wrong_type'],
  ['an object', {}, 'wrong_type'],
  ['a fraction', 1.5, 'wrong_type', 'invalid_value'],
];

const longId = [
  ['129 bytes', 'x'.repeat(129), 'invalid_id'],
  ['129 bytes in fewer characters', `x${'ü'.repeat(64)}`, 'invalid_id'],
];

const brokenId = [
  ['an empty text', '', 'invalid_id'],
  ['a NUL', 'a\u0000b', 'invalid_id'],
  ['a newline', 'a\nb', 'invalid_id'],
  ['a tab at the end', 'a\t', 'invalid_id'],
  ['a delete character', 'a\u007f', 'invalid_id'],
  ['a C1 control', 'a\u0085b', 'invalid_id'],
  ['a line separator', 'a\u2028b', 'invalid_id'],
  ['a paragraph separator', '\u2029', 'invalid_id'],
  ['a bidirectional override', 'a\u202etxt.exe', 'invalid_id'],
  ['a bidirectional embedding', '\u202aa', 'invalid_id'],
  ['a bidirectional isolate', 'a\u2066', 'invalid_id'],
  ['the end of an isolate', 'a\u2069', 'invalid_id'],
];

const unknownNames = (code) => [
  ['an unknown name', 'boss', code],
  ['an empty text', '', code],
  ['another case', 'Robot', code],
  ['a name of the language', '__proto__', code],
];

export const bad = {
  id: [...wrongTypesForText, ...brokenId, ...longId],
  /// An id made by the server, a UUID: any other value is at least unknown.
  messageId: [
    ...wrongTypesForText,
    ['an empty text', '', 'invalid_id', 'message_not_found'],
    ['no UUID', 'not-a-uuid', 'invalid_id', 'message_not_found'],
    ['an unknown one', '01890000-0000-7000-8000-000000000000', 'message_not_found'],
  ],
  role: [...wrongTypesForText, ...unknownNames('unknown_role')],
  type: [...wrongTypesForText, ...unknownNames('unknown_type')],
  content: [
    ...wrongTypesForText,
    ['an empty text', '', 'invalid_value'],
    ['a NUL', 'a\u0000b', 'invalid_text'],
    ['one byte over 512 KiB', 'x'.repeat(512 * 1024 + 1), 'too_long'],
  ],
  flag: [
    ['a text', 'true', 'wrong_type'],
    ['a number', 1, 'wrong_type'],
    ['an array', [true], 'wrong_type'],
    ['an object', {}, 'wrong_type'],
  ],
  limit: [
    ...wrongTypesForNumber,
    ['0', 0, 'invalid_value'],
    ['-1', -1, 'invalid_value'],
    ['101', 101, 'invalid_value'],
  ],
  offset: [...wrongTypesForNumber, ['-1', -1, 'invalid_value']],
  cursor: [...wrongTypesForNumber, ['-1', -1, 'invalid_value']],
  expectedSeq: [...wrongTypesForNumber, ['-1', -1, 'invalid_value', 'conflict']],
  text: (bytesMax) => [
    ...wrongTypesForText,
    ['a NUL', 'a\u0000b', 'invalid_text'],
    [`${bytesMax + 1} bytes`, 'x'.repeat(bytesMax + 1), 'too_long'],
  ],
  participants: [
    ['a text', 'u1', 'wrong_type'],
    ['a number', 1, 'wrong_type'],
    ['an object', { userId: 'u1', userRole: 'cx-agent' }, 'wrong_type'],
    ['a number in it', ['u1', 2], 'wrong_type'],
    ['null in it', [null], 'wrong_type', 'missing_field'],
    ['an array in it', [['u1']], 'wrong_type'],
    ['an empty id in it', [''], 'invalid_id'],
    ['no userId in one', [{ userRole: 'cx-agent' }], 'missing_field'],
    ['no userRole in one', [{ userId: 'u2' }], 'missing_field'],
    ['an unknown role in one', [{ userId: 'u2', userRole: 'boss' }], 'unknown_role'],
    ['a number for an id in one', [{ userId: 2, userRole: 'cx-agent' }], 'wrong_type'],
    ['101 of them', Array.from({ length: 101 }, (_, i) => `u${i}`), 'too_long', 'invalid_value', 'limit_reached'],
  ],
};

/// Every bad request that differs from `good` in one field. `fields` is
/// {name: {values, required}}. Yields {what, body, codes}.
export function* oneFieldWrong(good, fields) {
  for (const [name, { values, required = false }] of Object.entries(fields)) {
    if (required) {
      const { [name]: _, ...without } = good;
      yield { what: `${name} missing`, body: without, codes: ['missing_field'] };
      yield { what: `${name} null`, body: { ...good, [name]: null }, codes: ['missing_field'] };
    }
    for (const [what, value, ...codes] of values) {
      yield { what: `${name}: ${what}`, body: { ...good, [name]: value }, codes };
    }
  }
}
