// Asks for a new token before the old one ends. The page stays as it is beneath.
import { useState } from 'preact/hooks';
import { useToken } from '../app/session';
import { now } from '../store/clock';
import { identity } from '../store/identity';
import { renew } from '../store/page';
import { duration } from '../store/time_text';

export function Renew() {
  const [wrong, setWrong] = useState('');
  const left = (identity.value?.expiresAt ?? 0) - now.value;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    try {
      const isKept = sessionStorage.getItem('parley.token') !== null;
      const who = useToken(String(form.get('token')), isKept);
      if (who.userId !== identity.value?.userId) throw new Error('This token is of another user. Sign out first.');
      await renew(who);
      setWrong('');
    } catch (fault) {
      setWrong((fault as Error).message);
    }
  };
  return (
    <div class="renew" role="alertdialog" aria-label="Sign in again">
      <form onSubmit={submit}>
        <p>
          <strong>{left > 0 ? `Your token ends in ${duration(left)}.` : 'Your token has ended.'}</strong> Nothing on this page is lost.
        </p>
        <label>
          Token
          <textarea name="token" rows={3} required spellcheck={false} autocomplete="off" />
        </label>
        {wrong && (
          <p class="bad" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" class="primary">
          Go on
        </button>
      </form>
    </div>
  );
}
