// Machines for a test of a cluster, each a network namespace of its own: a cable joins it to a
// network that all share, and can be pulled. The test reaches each machine over a link that stays,
// as that machine's clients do. Only root can make them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

const refusals = /Operation not permitted|Permission denied|Operation not supported|Unknown device type/;

/// Machines, or null where this system lets nobody make any: then the test is skipped, and says so.
export function makeMachines(context, count) {
  try {
    return new Machines(count);
  } catch (error) {
    assert.ok(!process.env.CI || error.code !== 'ENOENT', 'ip is missing');
    if (error.code !== 'ENOENT' && !refusals.test(error.stderr)) throw error;
    context.skip(`no network namespaces here: ${error.stderr || error.message}`);
    return null;
  }
}

class Machines {
  /// Of each: `wrapper` (a command that runs another one there), `address` (in the shared network),
  /// `clients` (where the test reaches it).
  list = [];
  #made = []; // commands that remove what was made
  #removeAtExit = () => this.finish();

  constructor(count) {
    process.once('exit', this.#removeAtExit);
    try {
      this.#addBridge();
      for (let i = 0; i < count; i++) this.#add(i);
    } catch (error) {
      this.finish();
      throw error;
    }
  }

  /// Pulls the cable of a machine: nobody there is told.
  cut(i) {
    ip('link', 'set', cableOf(i), 'down');
  }

  mend(i) {
    ip('link', 'set', cableOf(i), 'up');
  }

  /// Removes all. What runs there must have ended.
  finish() {
    process.off('exit', this.#removeAtExit);
    for (const command of this.#made.splice(0).reverse()) {
      try {
        ip(...command);
      } catch (error) {
        process.stderr.write(`ip ${command.join(' ')}: ${error.message}\n`);
      }
    }
  }

  #addBridge() {
    ip('link', 'add', bridge, 'type', 'bridge');
    this.#made.push(['link', 'del', bridge]);
    ip('address', 'add', `${network}.254/24`, 'dev', bridge);
    ip('link', 'set', bridge, 'up');
  }

  #add(i) {
    const space = `parley-${process.pid}-${i}`;
    ip('netns', 'add', space);
    this.#made.push(['netns', 'del', space]);
    const inside = ['-n', space];
    ip(...inside, 'link', 'set', 'lo', 'up');
    const machine = { wrapper: ['ip', 'netns', 'exec', space], address: `${network}.${i + 1}`, clients: `${links}.${4 * i + 2}` };
    ip('link', 'add', cableOf(i), 'type', 'veth', 'peer', 'name', 'cable', 'netns', space);
    this.#made.push(['link', 'del', cableOf(i)]);
    ip('link', 'set', cableOf(i), 'master', bridge, 'up');
    ip(...inside, 'address', 'add', `${machine.address}/24`, 'dev', 'cable');
    ip(...inside, 'link', 'set', 'cable', 'up');
    ip('link', 'add', linkOf(i), 'type', 'veth', 'peer', 'name', 'clients', 'netns', space);
    this.#made.push(['link', 'del', linkOf(i)]);
    ip('address', 'add', `${links}.${4 * i + 1}/30`, 'dev', linkOf(i));
    ip('link', 'set', linkOf(i), 'up');
    ip(...inside, 'address', 'add', `${machine.clients}/30`, 'dev', 'clients');
    ip(...inside, 'link', 'set', 'clients', 'up');
    this.list.push(machine);
  }
}

// Names of links have at most 15 characters.
const bridge = `pb${process.pid}`;
const cableOf = (i) => `pc${process.pid}-${i}`;
const linkOf = (i) => `pl${process.pid}-${i}`;
const network = `10.213.${process.pid % 256}`;
const links = `10.214.${process.pid % 256}`;

function ip(...args) {
  execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
}
