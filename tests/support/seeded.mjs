// Repeatable randomness from a seed.

/// mulberry32: the same seed gives the same numbers. In [0, 1).
export function seeded(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/// An integer from `least` to `most`, both included.
export const between = (random, least, most) => least + Math.floor(random() * (most - least + 1));

export const oneOf = (random, list) => list[Math.floor(random() * list.length)];

/// A copy of `list` in another order.
export function shuffled(random, list) {
  const order = [...list];
  for (let i = order.length - 1; i > 0; i--) {
    const j = between(random, 0, i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
