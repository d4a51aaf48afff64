// What concerns the whole page: no connection, back again, no sign-in.
import { lastReturn, link, heardAt, tryNow } from '../net/socket';
import { now } from '../store/clock';
import { facts } from '../store/page';
import { count, timeOfDaySeconds } from '../store/time_text';
import { Icon } from '../ui/icon';

const kReturnShownMs = 5_000;

export function Banners() {
  return (
    <div class="banners">
      <Offline />
      <Returned />
      {facts.auth === 'none' && (
        <p class="banner quiet">
          <Icon name="warn" />
          No sign-in: anyone who can reach this address can act as any user.
        </p>
      )}
    </div>
  );
}

function Offline() {
  const state = link.value;
  if (state.is !== 'offline') return null;
  const seconds = Math.max(0, Math.ceil((state.nextTryAt - now.value) / 1000));
  const shown = heardAt.value ? `Showing what was here at ${timeOfDaySeconds(heardAt.value)}.` : '';
  return (
    <p class="banner bad" role="alert">
      <Icon name="warn" />
      <span>
        Not connected. {shown} <span aria-hidden="true">Trying again {seconds > 0 ? `in ${seconds} s` : 'now'} ·</span>
      </span>
      <button type="button" class="plain" onClick={tryNow}>
        Try now
      </button>
    </p>
  );
}

function Returned() {
  const back = lastReturn.value;
  if (!back || link.value.is !== 'online' || now.value - back.at > kReturnShownMs) return null;
  return (
    <p class="banner good" role="status">
      <Icon name="check" />
      {back.recovered ? `Back. ${count(back.caughtUp, 'event')} caught up, nothing missed.` : 'Loaded anew.'}
    </p>
  );
}
