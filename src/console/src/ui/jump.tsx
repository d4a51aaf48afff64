// A field for a place: a position of the log, or a time.
import { useState } from 'preact/hooks';
import { now } from '../store/clock';
import type { LogPlace } from '../store/log';
import { placeOf } from '../store/log_text';
import { Icon } from './icon';

export type Place = Exclude<LogPlace, string>;

export function Jump({ id, label, go }: { id: string; label: string; go(place: Place): void }) {
  const [isWrong, setWrong] = useState(false);
  const jump = (event: SubmitEvent) => {
    event.preventDefault();
    const place = placeOf(String(new FormData(event.currentTarget as HTMLFormElement).get('place')), now.peek());
    setWrong(place === null);
    if (place !== null && typeof place !== 'string') go(place);
  };
  return (
    <form class="jump" onSubmit={jump}>
      <input
        id={id}
        name="place"
        aria-label={label}
        aria-invalid={isWrong}
        title="4711, 14:03, 2026-11-12 14:03, -2h"
        placeholder="Position or time"
        autocomplete="off"
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <button type="submit">Jump</button>
      {isWrong && (
        <span class="bad" role="alert">
          <Icon name="warn" /> 4711, 14:03, 2026-11-12 14:03 or -2h
        </span>
      )}
    </form>
  );
}
