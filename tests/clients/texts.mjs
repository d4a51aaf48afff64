// Texts that break servers which count characters, truncate at zero bytes or escape by hand.

/// Must arrive exactly as sent.
export const wholeTexts = {
  'a family joined by ZWJ': 'a 👩‍👩‍👧‍👦 b 👨🏽‍💻 🏳️‍🌈 🇩🇪',
  'right to left': 'שלום עולם, مرحبا بالعالم (mixed) 123',
  'bidirectional controls': 'a\u202Eb\u2066c\u2069\u200F',
  'combining marks, not normalised': 'e\u0301 \u00e9 a\u030a\u0323 Z\u0351\u036b\u0343',
  'line and paragraph separators': 'one\u2028two\u2029three\u0085four',
  'quotes and backslashes': '"\\" \'\\\\\' \\u0041 \\n </script> \\"',
  'tab, newline and other controls': 'a\tb\nc\r\nd\b\f\u0001\u001b[31m\u001f\u007f',
  'outside the basic plane': '𝔘𝔫𝔦 𠜎𠜱 🜚 \u{10FFFF}',
  'noncharacters and a byte order mark': '\uFEFFx\uFFFE\uFFFF\uFFFD',
  'only blanks': ' \u00a0\u3000 ',
  'looks like JSON': '{"a":[1,null,"]"]}',
  'looks like a packet': '42["new_message",{}]\u001e41',
  percent: '%00%s%n ${x} $1',
  'one character': '¿',
};

/// May be refused; otherwise must arrive exactly as sent.
export const textsWithNul = {
  'NUL in the middle': 'before\u0000after',
  'NUL at the end': 'before\u0000',
  'only NUL': '\u0000',
};

/// Not well-formed: may be refused; must never break the connection.
export const loneSurrogates = {
  'a high surrogate alone': 'a\ud83d',
  'a low surrogate alone': '\ude00b',
  'a pair in the wrong order': '\ude00\ud83d',
};

/// `bytes` bytes of UTF-8 characters of all lengths, so that every buffer boundary cuts a
/// character.
export function longText(bytes) {
  const unit = 'x¡€😀"\\\n';
  const unitBytes = Buffer.byteLength(unit);
  return unit.repeat(Math.floor(bytes / unitBytes)) + 'y'.repeat(bytes % unitBytes);
}
