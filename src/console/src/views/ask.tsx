// SQL about the log: ready questions, the views, and one SELECT.
import { useEffect, useRef } from 'preact/hooks';
import { useKeys } from '../app/keys';
import { replace, route } from '../app/router';
import { ServerError } from '../net/server_error';
import { now } from '../store/clock';
import { ask, asker } from '../store/screens';
import { shortDuration } from '../store/time_text';
import { Empty, ErrorBox } from '../ui/basics';
import { Icon } from '../ui/icon';
import { AskAnswer } from './ask_answer';
import { AskSide } from './ask_side';

const kTextMax = 32 * 1024;

const run = () => {
  const sql = ask.text.peek();
  replace({ screen: 'ask', query: sql.trim() ? { sql } : {} });
  void ask.run(sql);
};

export function Ask() {
  const field = useRef<HTMLTextAreaElement>(null);
  const who = asker();
  useEffect(() => void ask.open(who), [who]);
  // A link brings a statement, and never runs it.
  const { sql } = route.value.query;
  useEffect(() => {
    if (sql !== undefined) ask.text.value = sql;
  }, [sql]);
  const isRunning = ask.state.value === 'running';
  useKeys('Ask', [
    { keys: 'Ctrl+Enter', words: 'run', run },
    { keys: 'Escape', words: 'end what runs, or leave the field', run: () => (isRunning ? ask.cancel() : field.current?.blur()) },
    { keys: '/', words: 'to the field', run: () => field.current?.focus() },
  ]);
  /// Puts text where the cursor is.
  const insert = (text: string) => {
    const element = field.current!;
    element.focus();
    element.setRangeText(text, element.selectionStart, element.selectionEnd, 'end');
    ask.text.value = element.value;
  };
  const put = (text: string) => {
    ask.text.value = text;
    field.current?.focus();
  };
  return (
    <section class="ask" aria-label="Ask">
      <h1 class="visually-hidden">Ask</h1>
      <AskSide insert={insert} put={put} />
      <div class="ask-main">
        <div class="ask-field">
          <textarea
            ref={field}
            rows={8}
            dir="ltr"
            spellcheck={false}
            autocomplete="off"
            maxLength={kTextMax}
            aria-label="One SELECT over the views"
            placeholder="SELECT type, count(*) FROM v1_event GROUP BY type"
            value={ask.text.value}
            onInput={(event) => (ask.text.value = event.currentTarget.value)}
          />
          <p class="ask-run">
            <button type="button" class="primary" disabled={isRunning || ask.text.value.trim() === ''} onClick={run}>
              Run
            </button>
            <button type="button" disabled={!isRunning} onClick={() => ask.cancel()}>
              Cancel
            </button>
            <span class="muted" role="status">
              {isRunning
                ? `Running, ${shortDuration(now.value - ask.startedAt.value)}. Esc cancels.`
                : ask.state.value === 'cancelled'
                  ? 'Cancelled.'
                  : 'Ctrl+Enter runs. Each statement is recorded in the log, by its hash.'}
            </span>
          </p>
        </div>
        <Result />
      </div>
    </section>
  );
}

function Result() {
  const state = ask.state.value;
  if (state instanceof ServerError) {
    return (
      <>
        <ErrorBox error={state} retry={run} />
        {state.code === 'read_timeout' && <Empty>Ask for less: a range of positions, fewer conversations, a LIMIT.</Empty>}
      </>
    );
  }
  if (ask.answer.value) return <AskAnswer answer={ask.answer.value} />;
  if (state === 'running') return null;
  return (
    <Empty>
      <Icon name="ask" /> Choose a question, or write a SELECT. It reads the log beside the server, and changes nothing.
    </Empty>
  );
}
