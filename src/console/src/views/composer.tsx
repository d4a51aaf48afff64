// Where messages are written. A reply and a note never look alike.
import { useEffect, useRef } from 'preact/hooks';
import { useKeys } from '../app/keys';
import { link, request } from '../net/socket';
import { draftOf } from '../store/drafts';
import { identity, isStaff } from '../store/identity';
import { named, outbox } from '../store/page';
import type { Room } from '../store/room';
import { Icon } from '../ui/icon';

const kTypingEveryMs = 3_000;
const kTypingIdleMs = 5_000;
const kHeightMaxPx = 200;

export function Composer({ room }: { room: Room }) {
  const draft = draftOf(room.id);
  const field = useRef<HTMLTextAreaElement>(null);
  const typing = useTyping(room);
  const isNote = isStaff.value && draft.isNote.value;
  const write = (note: boolean) => {
    draft.isNote.value = note;
    field.current?.focus();
  };
  useKeys('Composer', [
    { keys: 'r', words: 'reply', run: () => write(false) },
    ...(isStaff.value ? [{ keys: 'n', words: 'internal note', run: () => write(true) }] : []),
  ]);
  useEffect(() => {
    const element = field.current!;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight + 2, kHeightMaxPx)}px`;
  }, [draft.text.value]);

  const send = () => {
    const content = draft.text.value;
    if (content.trim() === '') return;
    // An agent's reply is refused if somebody has written meanwhile: see the conflict's row.
    const seenSeq = isStaff.value && !isNote && !room.window.hasNewer.value ? room.lastSeq.value : undefined;
    outbox.add({ conversationId: room.id, content, isNote, seenSeq });
    draft.text.value = '';
    room.sent.value += 1;
    typing.forget(); // the message ends it
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      field.current?.blur();
    }
  };
  const label = isNote ? 'Internal note' : 'Reply';
  return (
    <section class={`composer ${isNote ? 'note' : ''}`} aria-label="Composer">
      <Reason />
      {isStaff.value && (
        <div class="composer-tabs" role="group" aria-label="What to write">
          <Tab name="Reply" isChosen={!isNote} choose={() => write(false)} />
          <Tab name="Internal note" isChosen={isNote} choose={() => write(true)} />
        </div>
      )}
      <div class="composer-field">
        <textarea
          id="composer"
          ref={field}
          rows={2}
          dir="auto"
          aria-label={label}
          placeholder={isNote ? 'Only colleagues and robots see this' : 'Write a message'}
          value={draft.text.value}
          onInput={(event) => {
            draft.text.value = event.currentTarget.value;
            typing.input(event.currentTarget.value !== '', isNote);
          }}
          onBlur={typing.end}
          onKeyDown={keyDown}
        />
        <button type="button" class="primary" disabled={draft.text.value.trim() === ''} onClick={send}>
          {isNote ? 'Add note' : 'Send'}
        </button>
      </div>
    </section>
  );
}

function Tab({ name, isChosen, choose }: { name: string; isChosen: boolean; choose(): void }) {
  return (
    <button type="button" aria-pressed={isChosen} onClick={choose}>
      {name === 'Internal note' && <Icon name="note" />}
      {name}
    </button>
  );
}

/// Why nothing leaves at the moment.
function Reason() {
  const waiting = outbox.messages.value.find(({ error }) => error?.code === 'storage_full' || error?.code === 'shutting_down');
  const words =
    link.value.is === 'offline'
      ? 'Not connected: what you send is queued, and sent in order.'
      : waiting?.error?.code === 'storage_full'
        ? 'The server’s disk is full: nothing is stored until there is room. Your text stays here.'
        : waiting
          ? 'The server is stopping. Your text stays here and is sent when it is back.'
          : '';
  if (!words) return null;
  return (
    <p class="composer-reason" role="status">
      <Icon name="warn" /> {words}
    </p>
  );
}

/// Tells the others that somebody types here, at most every few seconds.
function useTyping(room: Room) {
  const state = useRef({ told: 0, timer: 0 }).current;
  const tell = (name: 'typing_start' | 'typing_stop', more: Record<string, unknown> = {}) => {
    const userId = named().userId ?? identity.value?.userId;
    return request(name, { conversationId: room.id, userId, userName: userId, ...more });
  };
  const end = () => {
    clearTimeout(state.timer);
    if (!state.told) return;
    state.told = 0;
    tell('typing_stop').catch(() => {});
  };
  const forget = () => {
    clearTimeout(state.timer);
    state.told = 0;
  };
  useEffect(() => end, [room]);
  return {
    end,
    forget,
    input: (hasText: boolean, isNote: boolean) => {
      if (!hasText) return end();
      clearTimeout(state.timer);
      state.timer = window.setTimeout(end, kTypingIdleMs);
      if (Date.now() - state.told < kTypingEveryMs) return;
      state.told = Date.now();
      tell('typing_start', isNote ? { isVisible: false } : {}).catch(() => (state.told = 0));
    },
  };
}
