import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icon';

const kSaidMs = 2_000;

/// Copies `text`, and says so. A page without a secure address may not copy: then the button is not
/// there, and the text can be selected.
export function Copy({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), kSaidMs);
    return () => clearTimeout(timer);
  }, [isCopied]);
  if (!navigator.clipboard) return null;
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true), () => {});
  return (
    <button type="button" class="icon-button" title={label} onClick={copy}>
      <Icon name={isCopied ? 'check' : 'copy'} />
      <span class="visually-hidden">{label}</span>
      <span class={isCopied ? '' : 'visually-hidden'} role="status">
        {isCopied && 'Copied'}
      </span>
    </button>
  );
}
