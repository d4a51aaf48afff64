// The home screen: figures, the list, and beside it the open conversation.
import { useEffect } from 'preact/hooks';
import { route } from '../app/router';
import { isStaff, rights } from '../store/identity';
import { closeRoom, openRoom, room } from '../store/page';
import { link } from '../net/socket';
import { lazy } from '../ui/lazy';
import { Figures } from './figures';
import { List } from './list';

const ConversationView = lazy('ConversationView');
const OwnConversations = lazy('OwnConversations');

export function Conversations() {
  const { id, position } = route.value;
  const isLinked = link.value.is !== 'idle' && link.value.is !== 'connecting';
  useEffect(() => {
    if (!isLinked) return;
    if (id) void openRoom(id, position);
    else closeRoom();
  }, [id, position, isLinked]);
  useEffect(() => closeRoom, []); // a user who left the screen does not look on
  return (
    <div class={`split ${id ? 'has-open' : ''}`}>
      <div class="split-list">
        {rights.value.dashboard && <Figures />}
        {isStaff.value || rights.value.dashboard ? <List selected={id} /> : <OwnConversations selected={id} />}
      </div>
      <div class="split-open">
        {id && room.value?.id === id ? (
          <ConversationView key={id} room={room.value} />
        ) : (
          <p class="empty wide-only">{isStaff.value ? 'Choose a conversation. Opening it tells nobody and changes nothing.' : 'Choose a conversation.'}</p>
        )}
      </div>
    </div>
  );
}
