// One conversation: its head, its messages, what somebody writes.
import { signal } from '@preact/signals';
import { useKeys } from '../app/keys';
import { format, go, replace, route } from '../app/router';
import { ServerError } from '../net/server_error';
import { identity, isStaff, rights } from '../store/identity';
import { presence } from '../store/page';
import type { Room } from '../store/room';
import { count } from '../store/time_text';
import { ErrorBox, IconButton, Role, Skeleton, UserText } from '../ui/basics';
import { Icon } from '../ui/icon';
import { Composer } from './composer';
import { Messages } from './messages';
import { SideBySide } from './side_by_side';

const peopleAreShown = signal(false);

export function ConversationView({ room }: { room: Room }) {
  const state = room.state.value;
  const isSideBySide = route.value.query.view === 'columns' && isStaff.value;
  const toggle = () =>
    replace({ screen: 'conversations', id: room.id, query: isSideBySide ? {} : { view: 'columns' } });
  useKeys('Conversation', [
    { keys: 'Escape', words: 'back to the list', run: () => go({ screen: 'conversations' }) },
    ...(isStaff.value ? [{ keys: 'v', words: 'side by side, as each role sees it', run: toggle }] : []),
  ]);
  return (
    <article class="conversation" aria-label={`Conversation ${room.id}`}>
      <Head room={room} isSideBySide={isSideBySide} toggle={toggle} />
      {state === 'loading' ? (
        <Skeleton rows={6} tall />
      ) : state instanceof ServerError ? (
        <ErrorBox error={state} retry={() => void room.open()} />
      ) : isSideBySide ? (
        <SideBySide room={room} />
      ) : (
        <>
          <Messages room={room} />
          {rights.value.write && <Composer room={room} />}
        </>
      )}
    </article>
  );
}

function Head({ room, isSideBySide, toggle }: { room: Room; isSideBySide: boolean; toggle(): void }) {
  const conversation = room.conversation.value;
  const participants = room.participants.value;
  return (
    <header class="conversation-head">
      <a class="back narrow-only" href={format({ screen: 'conversations' })} aria-label="Back to the list">
        <Icon name="back" />
      </a>
      <div class="conversation-names">
        <h1>
          <UserText text={conversation?.title ?? room.id} />
        </h1>
        <p class="muted">
          {conversation?.title && (
            <>
              <code>{room.id}</code> ·{' '}
            </>
          )}
          <button
            type="button"
            class="plain"
            aria-expanded={peopleAreShown.value}
            onClick={() => (peopleAreShown.value = !peopleAreShown.value)}
          >
            {count(participants.length, 'participant')}
          </button>{' '}
          · <span title="The number of the conversation's last message">seq {room.lastSeq.value}</span>
          <Watchers id={room.id} />
        </p>
      </div>
      {isStaff.value && (
        <IconButton
          icon="columns"
          label={isSideBySide ? 'One column' : 'Side by side'}
          words
          pressed={isSideBySide}
          onClick={toggle}
        />
      )}
      {rights.value.time && (
        <a class="button" href={format({ screen: 'time', id: room.id })}>
          <Icon name="time" /> Time
        </a>
      )}
      {rights.value.log && (
        <a class="button" href={format({ screen: 'log', query: { conversation: room.id } })}>
          <Icon name="log" /> Log
        </a>
      )}
      {peopleAreShown.value && <People room={room} />}
    </header>
  );
}

function Watchers({ id }: { id: string }) {
  const me = identity.value?.userId;
  const others = (presence.watchers.value.get(id) ?? []).filter(({ userId }) => userId !== me);
  if (others.length === 0) return null;
  return (
    <span class="watchers">
      {' '}
      · <Icon name="eye" /> also looking: <UserText text={others.map(({ userId }) => userId ?? 'somebody').join(', ')} />
    </span>
  );
}

function People({ room }: { room: Room }) {
  return (
    <ul class="people">
      {room.participants.value.map(({ userId, userRole }) => (
        <li key={userId}>
          {rights.value.dashboard && <span class={`dot ${presence.isConnected(userId) ? 'on' : ''}`} aria-hidden="true" />}
          <UserText text={userId} /> <Role role={userRole} />
          {rights.value.dashboard && <span class="muted"> {presence.isConnected(userId) ? 'connected' : 'not connected'}</span>}
          {rights.value.viewAs && (
            <>
              <span class="muted">·</span>
              <a href={format({ screen: 'time', id: room.id, query: { viewer: userId } })} aria-label={`as seen by them: ${userId}`}>
                as seen by them
              </a>
            </>
          )}
        </li>
      ))}
      {room.participants.value.length === 0 && <li class="muted">Nobody takes part.</li>}
    </ul>
  );
}
