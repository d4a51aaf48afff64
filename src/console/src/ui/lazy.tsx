// Screens that the first load does without: they come as one file, soon after it.
import { signal } from '@preact/signals';
import { h, type ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { errorTexts } from '../net/server_error';
import { Skeleton } from './basics';

type Later = typeof import('../views/later');
type Props<Name extends keyof Later> = Later[Name] extends (props: infer P) => unknown ? P : never;

export const later = signal<Later | null>(null);
let isLoading = false;

/// Fetches the file. A failure is tried again when a screen is next shown.
export function loadLater(): void {
  if (isLoading || later.value) return;
  isLoading = true;
  import('../views/later').then(
    (all) => {
      later.value = all;
      errorTexts.value = all.errorTexts;
    },
    () => (isLoading = false),
  );
}

export function lazy<Name extends keyof Later>(name: Name): ComponentType<Props<Name>> {
  return (props: Props<Name>) => {
    useEffect(loadLater, []);
    return later.value ? h(later.value[name] as ComponentType, props as object) : <Skeleton />;
  };
}
