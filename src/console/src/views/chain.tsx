// Whether the whole log is as it was written, as far as somebody has looked.
import { useEffect } from 'preact/hooks';
import { now } from '../store/clock';
import { rights } from '../store/identity';
import { status } from '../store/screens';
import { chainWords } from '../store/status';
import { Icon } from '../ui/icon';

const kIcons = { good: 'check', bad: 'cross', running: 'time', unknown: 'warn' } as const;

export function Chain() {
  useEffect(() => status.watch(), []);
  const value = status.status.value;
  if (!value) return null;
  const { is, words } = chainWords(value, now.value);
  const running = value.verifying;
  return (
    <p class={`chain chain-${is}`}>
      <Icon name={kIcons[is]} />
      <span role={is === 'bad' ? 'alert' : undefined}>{words}</span>
      {running && <progress value={running.position} max={Math.max(running.head, 1)} aria-label="Events checked" />}
      {rights.value.verify && (
        <button type="button" disabled={running !== null} onClick={() => void status.verify()}>
          Check now
        </button>
      )}
    </p>
  );
}
