// Kills the server again and again while real clients use it, and checks after each kill that
// nothing acknowledged or broadcast is lost or duplicated: node ring.mjs [--rounds N] [--seed N].
// docs/crash-tests.md lists the checks. A failure prints the seed that repeats its plan.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { describe, newServer, patience, programPath, repositoryRoot, run } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import { Crew } from './crew.mjs';
import { LogBook, query } from './log_book.mjs';
import { atRandom, inMigration, inRebuild, kinds, planLife, roundsPerLife } from './plan.mjs';

const namedMsMax = 6000 * patience; // of load until a kill point was passed often enough
const dyingProgram = path.join(path.dirname(programPath()), 'parley-dying');
const auditEvery = 3; // rounds
const stderrShown = 2000;
const goldenFolder = path.join(repositoryRoot, 'tests/golden');
const serverArgs = ['--io.threads', '3'];

/// One data folder and the rounds on it.
class Life {
  deaths = Object.fromEntries(kinds.map((kind) => [kind, 0]));
  round = 0;

  constructor(seed, roundCount) {
    this.seed = seed;
    this.rounds = planLife(seed).slice(0, roundCount);
  }

  async live() {
    this.server = await newServer({ args: serverArgs });
    this.book = new LogBook(this.server.dataDir);
    this.crew = new Crew(this.server, this.book, this.seed);
    let passed = false;
    try {
      for (; this.round < this.rounds.length; this.round++) await this.#oneRound();
      passed = true;
    } finally {
      this.crew.close();
      await this.server.finish({ keep: !passed });
    }
  }

  async #oneRound() {
    const { server, crew } = this;
    const { kind, killAt, migrateFrom } = this.rounds[this.round];
    if (kind === inMigration) {
      if (migrateFrom !== 'nothing') await this.#layGolden();
      await this.#startAndDie(kind, killAt);
      await this.#startForRound(this.round + 1);
      crew.open();
    } else {
      crew.work();
      await this.#dieUnderLoad();
      crew.stop();
      if (kind === inRebuild) await this.#dieInRebuild();
      crew.cutOff();
      await this.#startForRound(this.round + 1);
    }
    await crew.comeBack();
    await server.check();
    if (this.round % auditEvery === auditEvery - 1) await this.#checkAudit();
  }

  // What followed the log through the kills is what a rebuild gives.
  async #checkAudit() {
    const { server } = this;
    const until = Date.now() + namedMsMax;
    while ((await rest(server, 'GET', '/readyz')).body.audit.lag > 0 && Date.now() < until) await pause(20);
    const { exit, output } = await run(['rebuild', '--audit', '--check', '--data', server.dataDir]);
    assert.equal(exit.code, 0, `parley rebuild --audit --check: ${describe(exit)}\n${output}`);
  }

  // The database written by the first release with its schema. If that is today's schema, there is
  // nothing to migrate.
  async #layGolden() {
    const [oldest] = (await readdir(goldenFolder)).filter((name) => name.endsWith('.db')).sort();
    await copyFile(path.join(goldenFolder, oldest), path.join(this.server.dataDir, 'parley.db'));
  }

  // A kill point under load is armed once the load runs.
  async #startForRound(index) {
    const { killAt, kind } = this.rounds[index] ?? {};
    const named = killAt && kind !== inRebuild;
    const how = named ? { program: dyingProgram, env: { PARLEY_KILL_AT: `${killAt}:armed` } } : {};
    await this.server.start(this.server.port ?? 0, how);
  }

  async #dieUnderLoad() {
    const { kind, killAt, afterMs } = this.rounds[this.round];
    const { server } = this;
    if (killAt && kind !== inRebuild) {
      process.kill(server.pid, 'SIGUSR2');
      const reached = await Promise.race([server.exited, pause(namedMsMax, undefined, { ref: false })]);
      this.#count(reached ? kind : atRandom);
    } else {
      await pause(afterMs);
      this.#count(atRandom);
    }
    await server.kill9();
  }

  #count(kind) {
    this.deaths[kind]++;
  }

  // A start that should die before it listens. If it passes the point too rarely, it is killed
  // idle.
  async #startAndDie(kind, killAt) {
    const how = { program: dyingProgram, env: { PARLEY_KILL_AT: killAt } };
    try {
      await this.server.start(this.server.port ?? 0, how);
    } catch (error) {
      assert.equal(error.exit?.signal, 'SIGKILL', error.message);
      return this.#count(kind);
    }
    await this.server.kill9();
    return this.#count(atRandom);
  }

  async #dieInRebuild() {
    const { kind, killAt, rebuildBy } = this.rounds[this.round];
    const { dataDir } = this.server;
    if (rebuildBy === 'start') {
      await query(dataDir, 'UPDATE projection_version SET version = 0', { write: true });
      return this.#startAndDie(kind, killAt);
    }
    const args = ['rebuild', '--data', dataDir];
    const { exit, output } = await run(args, { PARLEY_KILL_AT: killAt }, dyingProgram);
    assert.ok(exit.signal === 'SIGKILL' || exit.code === 0, `parley rebuild: ${describe(exit)}\n${output}`);
    return this.#count(exit.signal ? kind : atRandom);
  }
}

/// The totals over all data folders.
class Sum {
  rounds = 0;
  lives = 0;
  events = 0;
  told = { acknowledged: 0, broadcast: 0, recoveries: 0, lost: 0, doubled: 0 };
  deaths = Object.fromEntries(kinds.map((kind) => [kind, 0]));

  add(life) {
    this.lives++;
    this.rounds += life.round;
    this.events += life.book.position;
    this.told.doubled += life.book.doubled;
    for (const what of Object.keys(this.told)) this.told[what] += life.crew.sum(what);
    for (const kind of kinds) this.deaths[kind] += life.deaths[kind];
  }

  print() {
    console.log(`rounds: ${this.rounds} on ${this.lives} data folders, events in their logs: ${this.events}`);
    for (const [kind, count] of Object.entries(this.deaths)) console.log(`killed ${kind}: ${count}`);
    const told = Object.entries(this.told).map(([what, count]) => `${what}: ${count}`);
    console.log(told.join(', '));
  }
}

function report(life, error) {
  const { kind } = life.rounds[life.round] ?? { kind: 'the end' };
  const again = `node tests/crash/ring.mjs --rounds ${life.round + 1} --seed ${life.seed}`;
  console.log(`FAIL  round ${life.round + 1} of its data folder, killed ${kind}:\n${error.stack}`);
  console.log(`the server logged:\n${life.server?.stderr.slice(-stderrShown)}`);
  console.log(`again: ${again}`);
}

async function main() {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' } } });
  const rounds = Number(values.rounds ?? 20);
  const seed = Number(values.seed ?? randomInt(1, 2 ** 31));
  assert.ok(Number.isSafeInteger(rounds) && rounds > 0, '--rounds needs a number from 1');
  assert.ok(Number.isSafeInteger(seed), '--seed needs a number');
  assert.ok(existsSync(dyingProgram), `${dyingProgram} is not there; build the target parley-dying`);
  console.log(`crash ring: ${rounds} rounds, --seed ${seed}`);
  const sum = new Sum();
  let failed = 0;
  while (sum.rounds < rounds && failed === 0) {
    const life = new Life(seed + sum.lives, rounds - sum.rounds);
    await life.live().catch((error) => {
      failed = 1;
      report(life, error);
    });
    sum.add(life);
    console.log(`${sum.rounds} rounds, ${sum.events} events`);
  }
  sum.print();
  console.log(`${sum.rounds} passed, ${failed} failed`);
  return failed === 0;
}

process.exit((await main()) ? 0 : 1);
