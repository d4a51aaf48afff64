// What the page remembers in this browser: nothing that is secret or of a conversation.
import { effect, signal, type Signal } from '@preact/signals';

function remembered<Value>(key: string, initial: Value): Signal<Value> {
  let start = initial;
  try {
    const text = localStorage.getItem(`parley.${key}`);
    if (text !== null) start = JSON.parse(text) as Value;
  } catch {
    // no storage, or not ours: the initial value
  }
  const value = signal(start);
  effect(() => {
    const text = JSON.stringify(value.value);
    try {
      localStorage.setItem(`parley.${key}`, text);
    } catch {
      // remembered until the page is left
    }
  });
  return value;
}

export type Theme = 'auto' | 'light' | 'dark';

export const theme = remembered<Theme>('theme', 'auto');
export const keysAreOn = remembered('keys', true);

export function startTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
}
