import { randomFillSync } from 'node:crypto';

// Random bytes are fetched in bulk: one system call per 512 ids.
const pool = Buffer.allocUnsafe(16 * 512);
let used = pool.length;
let last = 0;
let counter = 0;

/**
 * The next id as 16 bytes, never smaller than the one before: 48 bits of Unix milliseconds, then a
 * 12-bit counter within the millisecond. A random id would split a page of the unique index each
 * time, which is slow.
 */
export function uuidv7() {
  const now = Date.now();
  if (now > last) {
    last = now;
    counter = 0;
  } else if (++counter > 0xfff) {
    last += 1;
    counter = 0;
  }
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const id = Buffer.allocUnsafe(16);
  pool.copy(id, 8, used + 8, used + 16);
  used += 16;
  id.writeUIntBE(last, 0, 6);
  id.writeUInt16BE(0x7000 | counter, 6);
  id[8] = (id[8] & 0x3f) | 0x80;
  return id;
}

/** The usual text form of an id; bun:sqlite returns the column as a Uint8Array. */
export function uuidText(id) {
  const hex = (Buffer.isBuffer(id) ? id : Buffer.from(id)).toString('hex');
  return (
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-` +
    `${hex.slice(16, 20)}-${hex.slice(20)}`
  );
}
