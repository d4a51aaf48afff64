// Beside the field: the ready questions, and the views with their columns.
import { useState } from 'preact/hooks';
import { format } from '../app/router';
import type { SqlQuestion, SqlView } from '../net/types';
import { askedFor, filledSql } from '../store/ask';
import { ask } from '../store/screens';
import { ErrorBox, Skeleton } from '../ui/basics';

interface Props {
  insert(text: string): void;
  put(text: string): void;
}

const isWide = () => matchMedia('(min-width: 1100px)').matches;

export function AskSide({ insert, put }: Props) {
  const catalog = ask.catalog.value;
  const error = ask.catalogError.value;
  return (
    <div class="ask-side">
      {error && <ErrorBox error={error} />}
      {!catalog && !error && <Skeleton />}
      {catalog && (
        <>
          <details open={isWide()}>
            <summary>Questions</summary>
            <ul>
              {catalog.questions.map((question) => (
                <li key={question.name}>
                  <Question question={question} put={put} />
                </li>
              ))}
            </ul>
          </details>
          <details>
            <summary>Views</summary>
            <ul>
              {catalog.views.map((view) => (
                <li key={view.name}>
                  <View view={view} insert={insert} />
                </li>
              ))}
            </ul>
          </details>
        </>
      )}
    </div>
  );
}

function Question({ question, put }: { question: SqlQuestion; put(text: string): void }) {
  const [isOpen, setOpen] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const given = Object.fromEntries([...form].map(([name, value]) => [name, String(value).trim()]));
    put(filledSql(question, given));
  };
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{question.title.replace(/\.$/, '')}</summary>
      {isOpen && (
        <form class="ask-question" onSubmit={submit}>
          <p class="muted">{question.text}</p>
          {question.sql === undefined ? (
            <Elsewhere name={question.name} />
          ) : (
            <>
              {askedFor(question).map((option) => (
                <label key={option.name}>
                  {option.name}
                  {!option.required && ' (optional)'}
                  <input
                    name={option.name}
                    required={option.required}
                    maxLength={128}
                    autocomplete="off"
                    placeholder={option.default ?? (option.name === 'at' ? '2026-11-12T14:03Z' : '')}
                  />
                </label>
              ))}
              <button type="submit">Put it into the field</button>
            </>
          )}
        </form>
      )}
    </details>
  );
}

function Elsewhere({ name }: { name: string }) {
  return name === 'search' ? (
    <a href={format({ screen: 'search' })}>To the screen Search</a>
  ) : (
    <p>
      On the server: <code>parley audit {name}</code>
    </p>
  );
}

function View({ view, insert }: { view: SqlView; insert(text: string): void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <code>{view.name}</code>
      </summary>
      {isOpen && (
        <div class="ask-view">
          <p class="muted">{view.text}</p>
          <button type="button" class="plain" onClick={() => insert(view.name)}>
            Insert <code>{view.name}</code>
          </button>
          <ul>
            {view.columns.map(({ name, meaning }) => (
              <li key={name}>
                <button type="button" class="plain" onClick={() => insert(name)}>
                  <code>{name}</code>
                </button>{' '}
                <span class="muted">{meaning}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </details>
  );
}
