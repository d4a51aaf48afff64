// The names of roles. Pure.
import type { UserRole } from '../net/types';

export const kRoleNames: Record<UserRole, string> = {
  'cx-customer': 'Customer',
  'cx-agent': 'Agent',
  'cx-supervisor': 'Supervisor',
  robot: 'Robot',
};
