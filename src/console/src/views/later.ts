// What the first load does without, in one file. It imports the first load's file as a whole, so
// that the two share no third one (build.mjs).
import '../app/main';
import '../ui/later_icons';

export { ActingPopover } from './acting_popover';
export { Ask } from './ask';
export { ConversationView } from './conversation';
export { GoTo } from './go_to';
export { KeysHelp } from './keys_help';
export { Log } from './log';
export { NoRight } from './no_right';
export { OwnConversations } from './own_conversations';
export { Renew } from './renew';
export { Search } from './search';
export { SignIn } from './sign_in';
export { Status } from './status';
export { TimeTravel } from './time_travel';
export { default as errorTexts } from 'error-texts';
