// How the server is: ready or not, its log, its files, its settings.
import type { ComponentChildren } from 'preact';
import readyTexts from 'ready-texts';
import { useEffect } from 'preact/hooks';
import { useKeys } from '../app/keys';
import { format } from '../app/router';
import type { ConsoleStatus } from '../net/types';
import { now } from '../store/clock';
import { rights } from '../store/identity';
import { status } from '../store/screens';
import { bytes, roomWords } from '../store/status';
import { count, dayOf, duration, timeOfDaySeconds } from '../store/time_text';
import { ErrorBox, Skeleton } from '../ui/basics';
import { Copy } from '../ui/copy';
import { Icon } from '../ui/icon';
import { Chain } from './chain';

const kCheckNames: Record<string, string> = {
  log_writable: 'The log can be written',
  projections: 'Views follow the log',
  disk: 'Disk',
  draining: 'Takes requests',
  cluster: 'Cluster',
};

export function Status() {
  useEffect(() => status.watch(), []);
  useKeys('Status', [{ keys: '.', words: 'read anew', run: () => void status.read() }]);
  const value = status.status.value;
  const error = status.error.value;
  return (
    <section class="status" aria-label="Status">
      <h1 class="visually-hidden">Status</h1>
      {error && <ErrorBox error={error} retry={() => void status.read()} />}
      {value ? <Parts value={value} /> : !error && <Skeleton />}
    </section>
  );
}

function Parts({ value }: { value: ConsoleStatus }) {
  return (
    <div class="status-parts">
      <Part title={value.ready.ok ? 'Ready' : 'Not ready'}>
        <ul class="checks">
          {value.ready.checks.map(({ name, ok, text }) => (
            <Check key={name} name={name} is={ok ? 'good' : 'bad'} text={text}>
              {kCheckNames[name] ?? name}: {ok ? 'good' : 'not good'}
            </Check>
          ))}
          {value.warnings.map(({ name, text }) => (
            <Check key={name} name={name} is="warning" text={text}>
              {name.replaceAll('_', ' ')}
            </Check>
          ))}
        </ul>
        <p class="muted">
          More in <code>docs/operations/readiness.md</code> of Parley’s sources.
        </p>
      </Part>
      <Log value={value} />
      <Part title="Server">
        <dl class="facts">
          <Fact name="Version">{value.version}</Fact>
          <Fact name="Started">
            <Moment at={value.startedAt} />
            <span class="muted">, {duration(value.uptimeMs)} ago</span>
          </Fact>
          <Fact name="Audit">
            {value.audit === null
              ? 'off (audit.follow)'
              : value.audit.lag === 0
                ? 'has the whole log'
                : `${count(value.audit.lag, 'event')} behind the log`}
          </Fact>
        </dl>
      </Part>
      {value.cluster && <Nodes {...value.cluster} />}
      <Files value={value} />
      <Settings value={value} />
    </div>
  );
}

interface CheckProps {
  name: string;
  is: 'good' | 'bad' | 'warning';
  text: string | undefined;
  children: ComponentChildren;
}

function Check({ name, is, text, children }: CheckProps) {
  const whatToDo = is === 'good' ? undefined : readyTexts[name];
  return (
    <li class={is}>
      <Icon name={is === 'good' ? 'check' : is === 'bad' ? 'cross' : 'warn'} />
      <div>
        <strong>{children}</strong>
        <p class="muted">{text}</p>
        {whatToDo && <p>What to do: {whatToDo}</p>}
      </div>
    </li>
  );
}

function Log({ value }: { value: ConsoleStatus }) {
  const { position, headAt, headHash, checkedAtStart: start } = value;
  return (
    <Part title="Log">
      <Chain />
      <dl class="facts">
        <Fact name="Last event">
          {rights.value.log && position > 0 ? (
            <a href={format({ screen: 'log', position })}>{position.toLocaleString('en')}</a>
          ) : (
            position.toLocaleString('en')
          )}
          {headAt && (
            <span class="muted">
              , <Moment at={headAt} />
            </span>
          )}
        </Fact>
        {headHash && (
          <Fact name="Its hash" class="hash">
            <code>{headHash}</code>
            <Copy text={headHash} label="Copy the hash of the last event" />
          </Fact>
        )}
        <Fact name="At the start">
          {start.events === 0
            ? 'nothing was checked'
            : `${count(start.events, 'event')} up to ${start.position.toLocaleString('en')} were checked${start.structure ? ', and the file’s structure' : ''}`}
        </Fact>
      </dl>
    </Part>
  );
}

function Nodes({ nodes, durable }: NonNullable<ConsoleStatus['cluster']>) {
  return (
    <Part title="Nodes">
      <dl class="facts">
        {nodes.map(({ name, leads, voter, heard, message }) => (
          <Fact key={name} name={name}>
            {!heard ? 'not heard' : leads ? 'leads' : voter ? 'follows' : 'only reads'}
            <span class="muted">, message {message.toLocaleString('en')}</span>
          </Fact>
        ))}
        <Fact name="On a majority">up to message {durable.toLocaleString('en')}</Fact>
      </dl>
    </Part>
  );
}

function Files({ value }: { value: ConsoleStatus }) {
  const room = roomWords(value);
  return (
    <Part title="Disk">
      <dl class="facts">
        <Fact name="Free">
          {bytes(value.diskFreeBytes)}
          {room && <span class="muted">, {room}</span>}
        </Fact>
        <Fact name="Growth">{bytes(value.growthBytesPerDay)} a day</Fact>
        {value.files.map(({ name, bytes: size }) => (
          <Fact key={name} name={<code>{name}</code>}>
            {bytes(size)}
          </Fact>
        ))}
      </dl>
    </Part>
  );
}

function Settings({ value }: { value: ConsoleStatus }) {
  return (
    <Part title="Settings that are not at their default">
      {value.settings.length === 0 ? (
        <p class="muted">None.</p>
      ) : (
        <div class="table" tabIndex={0} role="region" aria-label="Settings">
          <table>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                <th scope="col">Value</th>
                <th scope="col">Default</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {value.settings.map((setting) => (
                <tr key={setting.name}>
                  <th scope="row">
                    <code>{setting.name}</code>
                  </th>
                  <td>{setting.value || '(empty)'}</td>
                  <td class="muted">{setting.default || '(empty)'}</td>
                  <td>{setting.from}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Part>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Fact({ name, class: kind, children }: { name: ComponentChildren; class?: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={kind}>{children}</dd>
    </div>
  );
}

function Moment({ at }: { at: string }) {
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={at}>
      {dayOf(ms, now.value)}, {timeOfDaySeconds(ms)}
    </time>
  );
}
