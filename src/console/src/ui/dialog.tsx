import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { IconButton } from './basics';

/// A modal dialog. The focus goes into it, and back to where it was.
export function Dialog({ title, close, children }: { title: string; close(): void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    ref.current!.showModal();
    return () => {
      // Another dialog may have been opened before this one has gone: it has the focus now.
      if (!document.querySelector('dialog[open]')) (before as HTMLElement | null)?.focus();
    };
  }, []);
  return (
    <dialog ref={ref} aria-label={title} onClose={close} onClick={(event) => event.target === ref.current && close()}>
      <header>
        <h2>{title}</h2>
        <IconButton icon="cross" label="Close" onClick={close} />
      </header>
      {children}
    </dialog>
  );
}
