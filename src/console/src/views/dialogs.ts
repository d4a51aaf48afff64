// Which dialogs are open.
import { signal } from '@preact/signals';

export const goToIsOpen = signal(false);
export const keysHelpIsOpen = signal(false);
