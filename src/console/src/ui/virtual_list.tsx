// A list that draws only what is in view. It keeps the line that is being read in its place while
// lines come and go around it.
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type Rect,
  type VirtualItem,
  type VirtualizerOptions,
} from '@tanstack/virtual-core';
import type { ComponentChildren, HTMLAttributes, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks';

export interface VirtualListHandle {
  scrollToIndex(index: number, align?: 'start' | 'center' | 'end' | 'auto'): void;
  scrollToEnd(): void;
  isAtEnd(): boolean;
}

interface Props<Item> {
  items: readonly Item[];
  keyOf(item: Item): string | number;
  estimate(item: Item): number;
  children(item: Item, index: number): ComponentChildren;
  /// The end is where news arrive: stay there while the reader is there.
  follow?: boolean;
  /// Lines come before those that are there, as with `follow`.
  grows?: boolean;
  handle?: RefObject<VirtualListHandle | null>;
  onStart?(): void;
  onEnd?(): void;
  onScroll?(handle: VirtualListHandle): void;
  class?: string;
  frameProps?: HTMLAttributes<HTMLDivElement>;
  listProps?: HTMLAttributes<HTMLDivElement>;
  itemProps?(item: Item, index: number): HTMLAttributes<HTMLDivElement>;
}

const kNearPx = 600; // so far from an end the next page is read
const kAtEndPx = 40;
const kSizesSpare = 1_000;

export function VirtualList<Item>(props: Props<Item>) {
  const scroller = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const [, redraw] = useReducer((n: number) => n + 1, 0);

  // A list that stands at its end stays there where something beside it takes some of its room.
  const height = useRef(0);
  function resized(rect: Rect, give: (rect: Rect) => void): void {
    const { scrollHeight, scrollTop } = scroller.current!;
    const stays = height.current > 0 && scrollHeight - height.current - scrollTop <= kAtEndPx;
    height.current = rect.height;
    give(rect);
    if (stays && latest.current.follow) virtualizer.scrollToEnd();
  }

  const virtualizer = useMemo(() => {
    // Stable functions: the list would otherwise forget what it measured.
    const options: VirtualizerOptions<HTMLDivElement, HTMLDivElement> = {
      count: props.items.length,
      getScrollElement: () => scroller.current,
      estimateSize: (i) => latest.current.estimate(latest.current.items[i]!),
      getItemKey: (i) => latest.current.keyOf(latest.current.items[i]!),
      scrollToFn: elementScroll,
      observeElementRect: (instance, give) => observeElementRect(instance, (rect) => resized(rect, give)),
      observeElementOffset,
      overscan: 8,
      anchorTo: props.follow || props.grows ? 'end' : 'start',
      scrollEndThreshold: kAtEndPx,
      onChange: () => {
        redraw(0);
        noteEnds();
      },
    };
    return new Virtualizer<HTMLDivElement, HTMLDivElement>(options);
  }, []);

  const handle = useMemo<VirtualListHandle>(
    () => ({
      scrollToIndex: (index, align = 'center') => virtualizer.scrollToIndex(index, { align }),
      scrollToEnd: () => virtualizer.scrollToEnd(),
      isAtEnd: () => virtualizer.isAtEnd(kAtEndPx),
    }),
    [virtualizer],
  );
  if (props.handle) props.handle.current = handle;

  function noteEnds(): void {
    const element = scroller.current;
    if (!element) return;
    const { onStart, onEnd, onScroll } = latest.current;
    onScroll?.(handle);
    if (element.scrollTop < kNearPx) onStart?.();
    if (element.scrollHeight - element.clientHeight - element.scrollTop < kNearPx) onEnd?.();
  }

  virtualizer.setOptions({ ...virtualizer.options, count: props.items.length, followOnAppend: props.follow ?? false });
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => {
    if (props.follow) virtualizer.scrollToEnd();
  }, []);
  useEffect(noteEnds, [props.items.length]); // also where there is nothing to scroll
  useLayoutEffect(() => {
    // Sizes are kept of lines that have gone, too.
    const sizes = virtualizer.itemSizeCache;
    if (sizes.size < 2 * props.items.length + kSizesSpare) return;
    const kept = new Set<VirtualItem['key']>(props.items.map(props.keyOf));
    for (const key of sizes.keys()) if (!kept.has(key)) sizes.delete(key);
  });

  return (
    <div {...props.frameProps} ref={scroller} class={`scroller ${props.class ?? ''}`}>
      <div
        {...props.listProps}
        class="scroller-space"
        style={{ height: `${virtualizer.getTotalSize()}px` }}
      >
        {virtualizer.getVirtualItems().map((one) => {
          const item = props.items[one.index];
          if (item === undefined) return null;
          return (
            <div
              {...props.itemProps?.(item, one.index)}
              key={one.key}
              ref={virtualizer.measureElement}
              data-index={one.index}
              class="scroller-item"
              style={{ transform: `translateY(${one.start}px)` }}
            >
              {props.children(item, one.index)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
