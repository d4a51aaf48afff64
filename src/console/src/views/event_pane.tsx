// One event: what it holds, and whether it is what was written.
import type { ComponentChildren } from 'preact';
import { format, replace, route } from '../app/router';
import type { CheckedEvent } from '../net/types';
import { now } from '../store/clock';
import type { LogField, LogFilter } from '../store/log';
import { systemName } from '../store/log_text';
import { eventDetail } from '../store/screens';
import { dayOf, timeOfDayMs } from '../store/time_text';
import { ErrorBox, IconButton, Skeleton, UserText } from '../ui/basics';
import { Copy } from '../ui/copy';
import { Icon } from '../ui/icon';
import { eventLink, setFilter } from './log';

export function EventPane({ position, filter }: { position: number; filter: LogFilter }) {
  const checked = eventDetail.checked.value;
  const error = eventDetail.error.value;
  return (
    <aside class="event" aria-label={`Event ${position}`}>
      <header>
        <h2>Event {position.toLocaleString('en')}</h2>
        <IconButton
          icon="cross"
          label="Close"
          onClick={() => replace({ ...route.peek(), screen: 'log', position: undefined })}
        />
      </header>
      {error ? (
        <ErrorBox error={error} retry={() => void eventDetail.show(position, { again: true })} />
      ) : checked ? (
        <Content checked={checked} filter={filter} />
      ) : (
        <Skeleton rows={6} />
      )}
    </aside>
  );
}

function Content({ checked, filter }: { checked: CheckedEvent; filter: LogFilter }) {
  const { event } = checked;
  const at = Date.parse(event.at);
  const system = systemName(event.conversationId);
  const json = JSON.stringify(event, null, 2);
  const only = (field: LogField, value: string) => (
    <button type="button" class="plain" onClick={() => setFilter(filter, field, value)}>
      only these
    </button>
  );
  return (
    <>
      <Verdict checked={checked} />
      <dl class="facts">
        <Fact name="Time">
          <time dateTime={event.at}>
            {dayOf(at, now.value)}, {timeOfDayMs(at)}
          </time>
          <div class="muted">{event.at.replace('T', ' ').replace('Z', ' UTC')}</div>
        </Fact>
        <Fact name="Type">
          <code>{event.type}</code> {only('type', event.type)}
        </Fact>
        <Fact name="Conversation">
          {system ?? (
            <a href={format({ screen: 'conversations', id: event.conversationId, position: event.position })}>
              <UserText text={event.conversationId} />
            </a>
          )}{' '}
          <span class="muted">seq {event.seq}</span> {system === null && only('conversation', event.conversationId)}
        </Fact>
        {event.actor !== undefined && (
          <Fact name="Actor">
            {systemName(event.actor) ?? <UserText text={event.actor} />}{' '}
            {event.role && <span class="muted">{event.role}</span>}{' '}
            {systemName(event.actor) === null && only('user', event.actor)}
          </Fact>
        )}
        {checked.cause && (
          <Fact name="Cause">
            <code>{checked.cause}</code>
          </Fact>
        )}
        <Hash name="Hash" hash={checked.hash} />
        <Hash name="Hash before" hash={checked.previousHash} />
        {!checked.ok && <Hash name="Recomputed" hash={checked.recomputedHash} />}
        <Fact name="In the log">
          <Neighbours
            before={event.position > 1 ? event.position - 1 : null}
            after={event.position < checked.head ? event.position + 1 : null}
            filter={filter}
          />
        </Fact>
        <Fact name="In conversation">
          <Neighbours before={checked.inConversation.previous} after={checked.inConversation.next} filter={filter} />
        </Fact>
      </dl>
      <div class="event-json">
        <Copy text={json} label="Copy the JSON" />
        <pre tabIndex={0} dir="ltr" aria-label="The event as JSON">
          {json}
        </pre>
      </div>
    </>
  );
}

function Verdict({ checked }: { checked: CheckedEvent }) {
  return checked.ok ? (
    <p class="verdict good">
      <Icon name="check" /> Recomputed: the hash is right.{checked.emptied && ' Retention has emptied the payload.'}
    </p>
  ) : (
    <p class="verdict bad" role="alert">
      <Icon name="cross" />{' '}
      <span>
        <strong>Not what was written.</strong> {checked.problem}
      </span>
    </p>
  );
}

function Fact({ name, children, class: kind }: { name: string; children: ComponentChildren; class?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={kind}>{children}</dd>
    </div>
  );
}

function Hash({ name, hash }: { name: string; hash: string }) {
  return (
    <Fact name={name} class="hash">
      <code>{hash}</code>
      <Copy text={hash} label={`Copy: ${name.toLowerCase()}`} />
    </Fact>
  );
}

function Neighbours({ before, after, filter }: { before: number | null; after: number | null; filter: LogFilter }) {
  const link = (words: string, position: number | null) =>
    position === null ? <span class="muted">{words} –</span> : <a href={eventLink(position, filter)}>{`${words} ${position}`}</a>;
  return (
    <div class="neighbours">
      {link('before', before)}
      {link('after', after)}
    </div>
  );
}
