// The frame of every screen: rail, top bar, banners.
import { computed } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { useKeys } from '../app/keys';
import { theme, type Theme } from '../app/preferences';
import { format, go, route, type Screen } from '../app/router';
import { heardAt, link } from '../net/socket';
import { now } from '../store/clock';
import { identity, rights } from '../store/identity';
import { facts, waitingFigures } from '../store/page';
import { IconButton } from '../ui/basics';
import { Icon, type IconName } from '../ui/icon';
import { lazy } from '../ui/lazy';
import { ActingAs } from './acting_as';
import { Banners } from './banners';
import { Conversations } from './conversations';
import { goToIsOpen, keysHelpIsOpen } from './dialogs';

const GoTo = lazy('GoTo');
const KeysHelp = lazy('KeysHelp');
const NoRight = lazy('NoRight');
const Renew = lazy('Renew');
const SignIn = lazy('SignIn');
const kAskedBeforeMs = 60_000;

interface ScreenInfo {
  name: Screen;
  title: string;
  icon: IconName;
  key: string; // after g
  right: keyof typeof rights.value;
  view: ComponentType;
}

const kScreens: ScreenInfo[] = [
  { name: 'conversations', title: 'Conversations', icon: 'chat', key: 'c', right: 'list', view: Conversations },
  { name: 'log', title: 'Log', icon: 'log', key: 'l', right: 'log', view: lazy('Log') },
  { name: 'time', title: 'Time', icon: 'time', key: 't', right: 'time', view: lazy('TimeTravel') },
  { name: 'search', title: 'Search', icon: 'search', key: 's', right: 'search', view: lazy('Search') },
  { name: 'ask', title: 'Ask', icon: 'ask', key: 'a', right: 'ask', view: lazy('Ask') },
  { name: 'status', title: 'Status', icon: 'status', key: 'h', right: 'status', view: lazy('Status') },
];

/// The screens that there are for this user.
export const shownScreens = computed(() => kScreens.filter(({ right }) => rights.value[right]));
const kNextTheme: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };

export function Shell() {
  const asked = kScreens.find(({ name }) => name === route.value.screen)!;
  const [first = asked] = shownScreens.value;
  const screen = asked.right === 'list' && !rights.value.list ? first : asked; // home is what there is
  const title = route.value.id ?? screen.title;
  const { waiting } = waitingFigures.value;
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${title} · ${facts.name}`;
  }, [title, waiting]);
  useKeys('Everywhere', [
    ...shownScreens.value.map((one) => ({
      keys: `g ${one.key}`,
      words: `go to ${one.title}`,
      run: () => go({ screen: one.name }),
    })),
    { keys: 'Ctrl+K', words: 'go to anything', run: () => (goToIsOpen.value = true) },
    { keys: '?', words: 'show the keys', run: () => (keysHelpIsOpen.value = !keysHelpIsOpen.value) },
  ]);
  // A page that was in use stays, and asks beside itself.
  const isRefused = link.value.is === 'refused';
  const needsSignIn = identity.value === null || (isRefused && heardAt.value === 0);
  const ends = identity.value?.expiresAt;
  const endsSoon = ends !== undefined && ends - now.value < kAskedBeforeMs;
  const View = shownScreens.value.includes(screen) ? screen.view : NoRight;
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={focusMain}>
        Skip to the content
      </a>
      <Rail current={screen.name} />
      <header class="top">
        <span class="server" title={`Parley ${facts.version}`}>
          {facts.name}
        </span>
        <LinkState />
        <span class="grow" />
        {identity.value && <ActingAs />}
        <IconButton
          icon="theme"
          label={`Theme: ${theme.value}`}
          onClick={() => (theme.value = kNextTheme[theme.value])}
        />
      </header>
      <Banners />
      <main id="main" tabIndex={-1}>
        {needsSignIn ? <SignIn /> : <View />}
      </main>
      {!needsSignIn && (isRefused || endsSoon) && <Renew />}
      {goToIsOpen.value && <GoTo />}
      {keysHelpIsOpen.value && <KeysHelp />}
    </div>
  );
}

function focusMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')!.focus();
}

function Rail({ current }: { current: Screen }) {
  return (
    <nav class="rail" aria-label="Screens">
      {shownScreens.value.map(({ name, title, icon }) => (
        <a key={name} href={format({ screen: name })} aria-current={name === current ? 'page' : undefined}>
          <Icon name={icon} />
          <span>{title}</span>
        </a>
      ))}
    </nav>
  );
}

function LinkState() {
  const state = link.value;
  if (state.is === 'idle' || state.is === 'refused') return null;
  const words = { connecting: 'Connecting', online: 'Live', offline: 'Not connected' }[state.is];
  return (
    <span class={`link-state link-${state.is}`} role="status">
      <span class="dot" aria-hidden="true" />
      {words}
    </span>
  );
}
