// What a statement found.
import type { SqlAnswer } from '../net/types';
import { format } from '../app/router';
import { cellText } from '../store/ask';
import { ask } from '../store/screens';
import { count } from '../store/time_text';
import { UserText } from '../ui/basics';
import { Icon } from '../ui/icon';

/// More rows are in the files, and would be too many for a page.
const kRowsShown = 500;
const kWrapped = 40; // characters: longer cells have lines

export function AskAnswer({ answer }: { answer: SqlAnswer }) {
  const { rows, truncated, tookMs, notes } = answer;
  const columns = Object.keys(rows[0] ?? {});
  const shown = rows.slice(0, kRowsShown);
  return (
    <>
      <p class="ask-sum">
        <span role="status">
          {count(rows.length, 'row')}
          {truncated && ', and there are more'} · {tookMs.toLocaleString('en')} ms
          {rows.length > shown.length && ` · the first ${kRowsShown} are shown`}
        </span>
        <span class="grow" />
        <button type="button" disabled={rows.length === 0} onClick={() => void saveCsv()}>
          <Icon name="down" /> CSV
        </button>
        <button type="button" disabled={rows.length === 0} onClick={() => save(JSON.stringify(rows, null, 1), 'json')}>
          <Icon name="down" /> JSON
        </button>
      </p>
      {notes && <p class="ask-notes muted">{notes.trim()}</p>}
      {rows.length > 0 && (
        <div class="table ask-table" tabIndex={0} role="region" aria-label="The answer">
          <table>
            <thead>
              <tr>
                {columns.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row, i) => (
                <tr key={i}>
                  {columns.map((name) => (
                    <Cell key={name} name={name} value={row[name]} />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Cell({ name, value }: { name: string; value: unknown }) {
  const text = cellText(value);
  if (name === 'position' && typeof value === 'number') {
    return (
      <td class="number">
        <a href={format({ screen: 'log', position: value })}>{text}</a>
      </td>
    );
  }
  if (name === 'conversation_id' && typeof value === 'string') {
    return (
      <td>
        <a href={format({ screen: 'conversations', id: value })}>
          <UserText text={text} />
        </a>
      </td>
    );
  }
  const kind = typeof value === 'number' ? 'number' : text.length > kWrapped ? 'long' : '';
  return <td class={kind} title={kind === 'long' ? text : undefined}>{value === null ? <span class="muted">NULL</span> : <UserText text={text} />}</td>;
}

async function saveCsv(): Promise<void> {
  const csv = await ask.csv();
  if (csv !== null) save(csv, 'csv');
}

function save(text: string, kind: 'csv' | 'json'): void {
  const types = { csv: 'text/csv', json: 'application/json' };
  const url = URL.createObjectURL(new Blob([text], { type: types[kind] }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `parley.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
