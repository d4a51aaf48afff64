// The keyboard. A screen adds its keys while it is shown.
import { signal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { keysAreOn } from './preferences';

export interface Shortcut {
  keys: string; // "g c", "Ctrl+K", "?"
  words: string;
  run(): void;
}

const groups = signal<readonly { title: string; shortcuts: readonly Shortcut[] }[]>([]);
export const shortcutGroups = groups;

const kPrefixMs = 1_500;
let prefix = '';
let prefixAt = 0;

const inTextField = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('textarea, select, input:not([type=range], [type=checkbox])'));

function nameOf({ key, ctrlKey, metaKey }: KeyboardEvent): string {
  return ctrlKey || metaKey ? `Ctrl+${key.length === 1 ? key.toUpperCase() : key}` : key;
}

export function startKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey || event.isComposing) return;
    if (document.querySelector('dialog[open]')) return; // its own keys only
    const name = nameOf(event);
    const withModifier = event.ctrlKey || event.metaKey;
    if (!keysAreOn.value && !withModifier && name !== 'Escape') return;
    if (inTextField(event.target) && name !== 'Escape' && !withModifier) return;
    const typed = prefix && Date.now() - prefixAt < kPrefixMs ? `${prefix} ${name}` : name;
    const shortcut = find(typed) ?? find(name);
    prefix = '';
    if (shortcut) {
      event.preventDefault();
      shortcut.run();
    } else if (groups.value.some(({ shortcuts }) => shortcuts.some(({ keys }) => keys.startsWith(`${name} `)))) {
      prefix = name;
      prefixAt = Date.now();
    }
  });
}

// The screen that was added last goes first.
function find(keys: string): Shortcut | undefined {
  for (const { shortcuts } of [...groups.value].reverse()) {
    const found = shortcuts.find((one) => one.keys === keys);
    if (found) return found;
  }
  return undefined;
}

/// Adds keys while the component is shown. `shortcuts` may change at each render.
export function useKeys(title: string, shortcuts: readonly Shortcut[]): void {
  // Before anybody sees what is new: a key must not do what it did before.
  useLayoutEffect(() => {
    const group = { title, shortcuts };
    groups.value = [...groups.value, group];
    return () => {
      groups.value = groups.value.filter((one) => one !== group);
    };
  });
}
