// A screen that this user has no right to.
import { route, type Screen } from '../app/router';
import { identity } from '../store/identity';
import { kRoleNames } from '../store/roles';
import { Empty, UserText } from '../ui/basics';
import { Icon } from '../ui/icon';

const kFor: Record<Screen, string> = {
  conversations: 'everybody',
  log: 'supervisors and auditors',
  time: 'agents, supervisors, services and auditors',
  search: 'people, services and auditors',
  ask: 'supervisors and auditors',
  status: 'supervisors, auditors and operators',
};

export function NoRight() {
  const who = identity.value!;
  return (
    <Empty>
      <Icon name="warn" /> This screen is for {kFor[route.value.screen]}. You are{' '}
      <UserText text={who.userId} />, {(who.role ? kRoleNames[who.role] : who.kind).toLowerCase()}.
    </Empty>
  );
}
