// Which parts of a snippet a search has found. Pure.

export interface Piece {
  text: string;
  isFound: boolean;
}

interface Wanted {
  folded: string;
  isBeginning: boolean;
}

const kMarks = /\p{M}/gu;
const fold = (text: string) => text.normalize('NFKD').replace(kMarks, '').toLowerCase();
const isWordPart = (text: string | undefined) => text !== undefined && /[\p{L}\p{N}]/u.test(text);
// Words of these scripts have no blanks between them.
const isDense = (text: string | undefined) =>
  text !== undefined && /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Mymr}\p{sc=Khmr}]/u.test(text);

/// The words and phrases that a query wants; those that it does not want are left out.
export function wantedOf(query: string): Wanted[] {
  const wanted: Wanted[] = [];
  for (const [, minus, phrase, word] of query.matchAll(/(-?)(?:"([^"]*)"?|([^\s"]+))/g)) {
    const text = fold((phrase ?? word ?? '').trim());
    if (minus || !text) continue;
    const isBeginning = phrase === undefined && text.endsWith('*');
    const folded = text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
    if (folded) wanted.push({ folded, isBeginning });
  }
  return wanted;
}

/// Cuts `text` where what the query wants begins and ends.
export function piecesOf(text: string, query: string): Piece[] {
  const wanted = wantedOf(query);
  let folded = '';
  const origin: number[] = []; // of each character of `folded`, where it is in `text`
  let at = 0;
  for (const character of text) {
    const part = fold(character);
    for (let i = 0; i < part.length; ++i) origin.push(at);
    folded += part;
    at += character.length;
  }
  origin.push(text.length);
  const pieces: Piece[] = [];
  const add = (from: number, to: number, isFound: boolean) => {
    if (to > from) pieces.push({ text: text.slice(from, to), isFound });
  };
  let done = 0;
  for (let i = 0; i < folded.length; ) {
    const found = wanted.find((one) => isAt(folded, i, one));
    if (!found) {
      i += 1;
      continue;
    }
    const end = i + found.folded.length;
    add(done, origin[i]!, false);
    add(origin[i]!, origin[end]!, true);
    done = origin[end]!;
    i = end;
  }
  add(done, text.length, false);
  return pieces;
}

function isAt(text: string, at: number, { folded, isBeginning }: Wanted): boolean {
  if (!text.startsWith(folded, at)) return false;
  const end = at + folded.length;
  const begins = !isWordPart(text[at - 1]) || isDense(folded[0]) || isDense(text[at - 1]);
  return begins && (isBeginning || !isWordPart(text[end]) || isDense(folded.at(-1)) || isDense(text[end]));
}
