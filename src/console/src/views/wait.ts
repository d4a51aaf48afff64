// How long is too long. Pure.
export function waitClass(ms: number, limits: { waitingLongMs: number; waitingTooLongMs: number }): string {
  if (ms > limits.waitingTooLongMs) return 'too-long';
  return ms > limits.waitingLongMs ? 'long' : '';
}
