// Selects the figures of each scenario for the table, and formats the table.

const thousands = (value) => Math.round(value).toLocaleString('en-US');
const milliseconds = (us) => (us / 1000).toFixed(us < 100_000 ? 2 : 0);
const kilobytes = (bytes) => (bytes / 1000).toFixed(2);

const perSecond = (name) => ({ key: `${name}PerSecond`, title: `${name}/s`, show: thousands });
const perCpu = (name) => ({
  key: `${name}PerServerCpuSecond`, title: `${name}/server CPU s`, show: thousands,
});
const latency = (key, title) => ({ key, title: `${title}, ms`, show: milliseconds });
const talk = [perCpu('deliveries'), perSecond('messages'), latency('ackP50Us', 'ack p50')];

export const scenarios = {
  room10: [perSecond('messages'), perCpu('messages'), latency('ackP50Us', 'ack p50')],
  pingpong: [
    latency('ackP50Us', 'ack p50'),
    latency('ackP99Us', 'ack p99'),
    latency('shownP50Us', 'own message p50'),
    latency('shownP99Us', 'own message p99'),
  ],
  fan100: talk,
  fan10: talk,
  duo: talk,
  paced: [
    latency('deliveryP50Us', 'delivery p50'),
    latency('deliveryP99Us', 'delivery p99'),
    perCpu('deliveries'),
  ],
  connect: [perSecond('connections'), perCpu('connections')],
  history: [perCpu('requests'), perSecond('requests'), latency('requestP50Us', 'request p50')],
  idle: [
    { key: 'bytesPerConnection', title: 'kB/connection', show: kilobytes },
    { key: 'residentBytesPerConnection', title: 'kB/connection, resident', show: kilobytes },
  ],
  parked: [
    { key: 'bytesPerConnection', title: 'kB/poll', show: kilobytes },
    { key: 'residentBytesPerConnection', title: 'kB/poll, resident', show: kilobytes },
  ],
  start: [latency('firstAnswerUs', 'to the first answer')],
  replay: [perSecond('events')],
  append: [8, 64, 512].flatMap((count) => [
    { key: `events${count}PerSecond`, title: `events/s, ${count} a commit`, show: thousands },
    { key: `events${count}PerCpuSecond`, title: `events/CPU s, ${count} a commit`, show: thousands },
  ]),
};

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The table as Markdown: one row per scenario, figure and server, with the ratio of its median to
 * each reference's. `runs` are lines of the load generator with `server` added.
 */
export function table(runs, servers, references) {
  const rows = [
    ['scenario', 'figure', 'server', 'median', 'min', 'max', 'runs', ...references.map((r) => `÷ ${r}`)],
  ];
  for (const [scenario, figures] of Object.entries(scenarios)) {
    const values = (server, key) =>
      runs
        .filter((run) => run.ok && run.scenario === scenario && run.server === server)
        .map((run) => run[key])
        .filter((value) => value !== undefined);
    for (const { key, title, show } of figures) {
      for (const server of servers) {
        const own = values(server, key);
        if (own.length === 0) {
          continue;
        }
        const ratios = references.map((reference) => {
          const theirs = values(reference, key);
          return theirs.length === 0 ? '' : (median(own) / median(theirs)).toFixed(2);
        });
        const shown = [median(own), Math.min(...own), Math.max(...own)].map(show);
        rows.push([scenario, title, server, ...shown, String(own.length), ...ratios]);
      }
    }
  }
  return markdown(rows);
}

function markdown(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isNumber = (column) => column >= 3;
  const line = (row) =>
    `| ${row
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join(' | ')} |`;
  const rule = `|${widths
    .map((width, i) => (isNumber(i) ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2)))
    .join('|')}|`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n');
}
