// A screen that this user has no right to.
import { route, type Screen } from '../app/router';
import { identity } from '../store/identity';
import { kRoleNames } from '../store/roles';
import { Empty, UserText } from '../ui/basics';
import { Icon } from '../ui/icon';

// By the rows of docs/authorization.md.
const kFor: Record<Screen, { right: string; who: string }> = {
  conversations: { right: 'list conversations', who: 'people, services and auditors' },
  log: { right: 'read the log', who: 'supervisors and auditors' },
  time: { right: 'read as of a time', who: 'agents, supervisors, services and auditors' },
  search: { right: 'search in messages', who: 'people, services and auditors' },
  ask: { right: 'console: SQL', who: 'supervisors and auditors' },
  status: { right: 'console: status, verify', who: 'supervisors, auditors and operators' },
};

export function NoRight() {
  const { userId, role, kind, isLimited } = identity.value!;
  const { right, who } = kFor[route.value.screen];
  return (
    <Empty>
      <p>
        <Icon name="warn" /> This screen is for {who}
        {isLimited && ' whose token does not list conversations'}.
      </p>
      <p>
        You are <UserText text={userId} />, {(role ? kRoleNames[role] : kind).toLowerCase()}
        {isLimited && ', and your token lists conversations'}: the right <em>{right}</em> is missing.
      </p>
    </Empty>
  );
}
