// The keys, on demand.
import { shortcutGroups } from '../app/keys';
import { keysAreOn } from '../app/preferences';
import { Dialog } from '../ui/dialog';
import { keysHelpIsOpen } from './dialogs';

export function KeysHelp() {
  return (
    <Dialog title="Keys" close={() => (keysHelpIsOpen.value = false)}>
      <label class="check">
        <input
          type="checkbox"
          checked={keysAreOn.value}
          onChange={(event) => (keysAreOn.value = event.currentTarget.checked)}
        />{' '}
        Single keys are on
      </label>
      {shortcutGroups.value.map(({ title, shortcuts }) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl class="keys">
            {shortcuts.map(({ keys, words }) => (
              <div key={keys}>
                <dt>
                  {keys.split(' ').map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{words}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
