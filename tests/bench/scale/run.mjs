// Parley's costs at scale: runs each measurement of this folder in turn, against a fresh server.
// scripts/bench --scale installs and builds everything needed.
//
// A measurement is a module that exports
//   title              what is measured, as a short sentence
//   measure({ program, quick })
//                      runs it against `program` (a parley executable, started as the module likes
//                      with tests/support/server.mjs) and resolves to rows { figure, value, unit };
//                      with `quick`, at a tenth of the size
// Figures are ratios if one run can measure both sides, because the machines may be shared.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '../../support/server.mjs';

const { values: options } = parseArgs({
  options: {
    scale: { type: 'boolean' },
    only: { type: 'string' }, // names of modules, separated by commas
    quick: { type: 'boolean', default: false },
    // A second program, an older build, whose figures are printed in a second column, to see what a
    // change gained.
    'parley-program': { type: 'string', default: path.join(repositoryRoot, 'build/release/parley') },
    against: { type: 'string' },
  },
});

async function modules() {
  const folder = new URL('.', import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.mjs') && name !== 'run.mjs');
  const chosen = options.only?.split(',').map((name) => `${name}.mjs`) ?? names.sort();
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown) throw new Error(`there is no ${unknown} in tests/bench/scale`);
  return Promise.all(chosen.map(async (name) => ({ name, ...(await import(new URL(name, folder))) })));
}

function show({ value, unit }) {
  if (typeof value !== 'number') return String(value);
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit ?? ''}`.trim();
}

async function measured(module, program) {
  try {
    return await module.measure({ program, quick: options.quick });
  } catch (error) {
    process.exitCode = 1;
    return [{ figure: 'FAILED', value: error.message.split('\n')[0] }];
  }
}

for (const module of await modules()) {
  console.log(`\n${module.name.replace('.mjs', '')}: ${module.title}`);
  const rows = await measured(module, options['parley-program']);
  const others = options.against ? await measured(module, options.against) : [];
  for (const [i, row] of rows.entries()) {
    const other = others.find(({ figure }) => figure === row.figure) ?? others[i];
    console.log(`  ${row.figure.padEnd(64)} ${show(row)}${other ? `   (against: ${show(other)})` : ''}`);
  }
}
// Some clients keep timers, so the process must be ended.
process.exit();
