// A message that is not in the log yet.
import type { Outgoing } from '../store/outbox';
import { draftOf } from '../store/drafts';
import { outbox } from '../store/page';
import type { Room } from '../store/room';
import { identity } from '../store/identity';
import { count } from '../store/time_text';
import { UserText } from '../ui/basics';
import { Icon } from '../ui/icon';
import { Content } from './lines';

const kStates: Record<Outgoing['state'], string> = {
  queued: 'Queued: it is sent once the connection is back',
  sending: 'Sending',
  unconfirmed: 'Not confirmed yet. It is tried again, and stored only once',
  failed: 'Not sent',
  conflict: 'Not sent: the conversation has moved on',
};

export function OutgoingRow({ outgoing, room }: { outgoing: Outgoing; room: Room }) {
  const { state, error, missed } = outgoing;
  const stopped = state === 'failed' || state === 'conflict';
  return (
    <div class={`message leads outgoing kind-${outgoing.isNote ? 'note' : 'speech'} ${stopped ? 'stopped' : ''}`} data-state={state}>
      <p class="message-head">
        <UserText text={identity.value?.userId ?? ''} class="author" />
        <span class="label" role="status">
          {stopped && <Icon name="warn" />}
          {kStates[state]}
          {error && state === 'failed' ? `: ${error.message}` : ''}
        </span>
      </p>
      <Content text={outgoing.content} />
      {state === 'conflict' && missed && missed.length > 0 && (
        <p class="muted">
          You had not seen {count(missed.length, 'message')}: the last is “
          <UserText text={missed.at(-1)!.content.slice(0, 140)} />”
        </p>
      )}
      {stopped && (
        <p class="share">
          <button
            type="button"
            onClick={() => outbox.retry(outgoing.clientMessageId, { anyway: state === 'conflict' })}
          >
            {state === 'conflict' ? 'Send anyway' : 'Retry'}
          </button>
          <button type="button" onClick={() => edit(outgoing, room)}>
            Edit
          </button>
          <button type="button" onClick={() => outbox.remove(outgoing.clientMessageId)}>
            Delete
          </button>
        </p>
      )}
    </div>
  );
}

function edit(outgoing: Outgoing, room: Room): void {
  const draft = draftOf(room.id);
  outbox.remove(outgoing.clientMessageId);
  draft.text.value = draft.text.value ? `${outgoing.content}\n${draft.text.value}` : outgoing.content;
  draft.isNote.value = outgoing.isNote;
  document.getElementById('composer')?.focus();
}
