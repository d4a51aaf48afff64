// The first screen where tokens are asked for.
import { useState } from 'preact/hooks';
import { useToken } from '../app/session';
import { link } from '../net/socket';
import { signIn } from '../store/page';
import { Icon } from '../ui/icon';

export function SignIn() {
  const [wrong, setWrong] = useState('');
  const refusal = link.value.is === 'refused' ? link.value.error : null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    try {
      signIn(useToken(String(form.get('token')), form.get('keep') !== null));
      setWrong('');
    } catch (fault) {
      setWrong((fault as Error).message);
    }
  };
  const words = wrong || (refusal ? `${refusal.message} ${refusal.meaning}` : '');
  return (
    <form class="sign-in" onSubmit={submit}>
      <h1>Sign in</h1>
      <p class="muted">
        Paste a token of your identity provider. For a first try: <code>parley token --keys key.pem --user anna --role cx-supervisor</code>
      </p>
      <label>
        Token
        <textarea name="token" rows={5} required spellcheck={false} autocomplete="off" />
      </label>
      <label class="check">
        <input type="checkbox" name="keep" /> Keep it until this tab is closed
      </label>
      {words && (
        <p class="bad" role="alert">
          <Icon name="warn" /> {words}
        </p>
      )}
      <button type="submit" class="primary">
        Sign in
      </button>
    </form>
  );
}
