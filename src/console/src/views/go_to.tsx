// Ctrl+K: a conversation, a position or a screen, by its name.
import { useEffect, useState } from 'preact/hooks';
import { go } from '../app/router';
import * as rest from '../net/rest';
import type { Conversation } from '../net/types';
import { rights } from '../store/identity';
import { list, named } from '../store/page';
import { Dialog } from '../ui/dialog';
import { goToIsOpen } from './dialogs';
import { shownScreens } from './shell';

interface Target {
  key: string;
  words: string;
  hint: string;
  go(): void;
}

const kResultsMax = 12;

function screens(): Target[] {
  return shownScreens.value.map(({ name, title }) => ({
    key: name,
    words: title,
    hint: 'screen',
    go: () => go({ screen: name }),
  }));
}

const conversation = ({ id, title }: Conversation): Target => ({
  key: `c-${id}`,
  words: title ?? id,
  hint: title ? id : 'conversation',
  go: () => go({ screen: 'conversations', id }),
});

export function GoTo() {
  return (
    <Dialog title="Go to" close={close}>
      <Chooser />
    </Dialog>
  );
}

const close = () => (goToIsOpen.value = false);

function Chooser() {
  const [text, setText] = useState('');
  const [found, setFound] = useState<Conversation[]>([]);
  const [chosen, choose] = useState(0);
  useEffect(() => {
    const ended = new AbortController();
    const timer = setTimeout(async () => {
      if (!text) return setFound([]);
      const query = { q: text, limit: kResultsMax, ...named() };
      setFound(await rest.read<Conversation[]>('/chat/conversations', query, ended.signal).catch(() => []));
    }, 120);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [text]);
  const targets = targetsOf(text, found);
  const at = Math.min(chosen, targets.length - 1);
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') choose(Math.min(at + 1, targets.length - 1));
    else if (event.key === 'ArrowUp') choose(Math.max(at - 1, 0));
    else if (event.key === 'Enter') run(targets[at]);
    else return;
    event.preventDefault();
  };
  return (
    <div class="go-to">
      <input
        type="text"
        role="combobox"
        aria-label="A conversation, a position in the log, or a screen"
        aria-expanded="true"
        aria-controls="go-to-list"
        aria-activedescendant={targets[at] ? `go-${at}` : undefined}
        placeholder="Conversation, position or screen"
        autofocus
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          choose(0);
        }}
        onKeyDown={keyDown}
      />
      <ul id="go-to-list" role="listbox" aria-label="Targets">
        {targets.map((target, i) => (
          <li
            key={target.key}
            id={`go-${i}`}
            role="option"
            aria-selected={i === at}
            onMouseDown={() => run(target)}
          >
            <bdi>{target.words}</bdi> <span class="muted">{target.hint}</span>
          </li>
        ))}
      </ul>
      {targets.length === 0 && <p class="muted">Nothing begins like this.</p>}
    </div>
  );
}

function run(target: Target | undefined): void {
  if (!target) return;
  close();
  target.go();
}

function targetsOf(text: string, found: Conversation[]): Target[] {
  const lower = text.toLowerCase();
  const positions: Target[] =
    /^\d+$/.test(text) && rights.value.log
      ? [{ key: 'p', words: `Event ${text}`, hint: 'log', go: () => go({ screen: 'log', position: Number(text) }) }]
      : [];
  const known = list.order.value.flatMap((id) => list.get(id) ?? []).filter(
    ({ id, title }) => id.toLowerCase().includes(lower) || title?.toLowerCase().includes(lower),
  );
  const ids = new Set(known.map(({ id }) => id));
  const conversations = [...known, ...found.filter(({ id }) => !ids.has(id))].slice(0, kResultsMax);
  const named = screens().filter(({ words }) => words.toLowerCase().includes(lower));
  return [...positions, ...named, ...conversations.map(conversation)];
}
