// What the server has written into the page (gateway/console/console_page.cpp).

export interface Facts {
  version: string;
  auth: 'none' | 'jwt';
  kindClaim: string;
  roleClaim: string;
  conversationsClaim: string;
  name: string;
  waitingLongMs: number;
  waitingTooLongMs: number;
}

export function readFacts(): Facts {
  const text = document.querySelector<HTMLMetaElement>('meta[name=parley]')!.content;
  const facts = JSON.parse(text) as Facts;
  return { ...facts, name: facts.name || location.host };
}
