// Plans the rounds on one data folder, entirely from a seed.
import { between, oneOf, seeded, shuffled } from '../support/seeded.mjs';

export const roundsPerLife = 10;
export const atRandom = 'at a random moment';
export const inMigration = 'in a migration';
export const inRebuild = 'in a rebuild';

/// Named kill points, and the number of passes after which the server dies: counted from its start
/// for a migration or a rebuild, otherwise from the start of the load.
const points = {
  'before the commit is written': { point: 'wal-write', least: 1, most: 300 },
  'before the commit is synced': { point: 'wal-sync', least: 1, most: 60 },
  'between commit and publish': { point: 'wal-synced', least: 1, most: 60 },
  'in a checkpoint': { point: 'db-write', least: 1, most: 40 },
  [inMigration]: { point: 'write', least: 1, most: 30 },
  [inRebuild]: { point: 'write', least: 1, most: 8 },
};

const middle = [
  atRandom,
  atRandom,
  atRandom,
  'before the commit is written',
  'before the commit is synced',
  'between commit and publish',
  'between commit and publish',
  'in a checkpoint',
  inRebuild,
];

export const kinds = [...new Set([...middle, inMigration])];

/// The rounds on one data folder; the first one creates it.
export function planLife(seed) {
  const random = seeded(seed);
  return [inMigration, ...shuffled(random, middle)].map((kind) => {
    const { point, least, most } = points[kind] ?? {};
    return {
      kind,
      killAt: point && `${point}:${between(random, least, most)}`,
      afterMs: between(random, 50, 700), // of load, if no kill point decides
      migrateFrom: seed % 2 === 0 ? 'nothing' : 'an old schema', // alternates from folder to folder
      rebuildBy: oneOf(random, ['command', 'start']),
    };
  });
}
