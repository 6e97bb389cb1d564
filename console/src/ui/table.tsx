import { Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import { useKeys } from '../shell/keymap';
import { fitting } from './fit';
import classes from './table.module.css';

export type Column<T> = {
  key: string;
  title: ReactNode;
  /** CSS grid track, for example `minmax(10rem, 2fr)`. */
  width: string;
  cell: (row: T) => ReactNode;
  /** Left out where there is no room for it, the last ones first. */
  wide?: boolean;
  /** Shown only where there is much room: the first to go. */
  roomy?: boolean;
  numeric?: boolean;
};

type Props<T> = {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  onOpen?: (row: T) => void;
  /** Asked when the end comes near. */
  more?: () => void;
  hasMore?: boolean;
  busy?: boolean;
  /** Told which rows exist on the screen, and some around them. */
  onView?: (view: { first: number; last: number }) => void;
};

const ROW = 40;
/** A list that begins low on the screen is still a list. */
const LEAST = '22rem';
/** What a screen has below its list: the command that does the same. */
const FOOT = '62px';

/** A list of any length: only the rows in view exist; further pages are asked for as one scrolls. */
export function DataTable<T>({ label, columns, rows, rowKey, onOpen, more, hasMore, busy, onView }: Props<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const { top, width } = usePlace(scroller);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const step = (by: 1 | -1) => {
    const row = document.activeElement?.closest('[aria-rowindex]') ?? null;
    const here = row !== null && scroller.current?.contains(row) ? Number(row.getAttribute('aria-rowindex')) - 2 : -1;
    const to = Math.max(0, Math.min(rows.length - 1, here + by));
    virtual.scrollToIndex(to);
    // The row exists once it was scrolled to.
    requestAnimationFrame(() => requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${to + 2}"] :is(a, button)`)?.focus({ preventScroll: true })));
  };
  useKeys('Lists', { j: { does: 'next row; Enter opens it', act: () => step(1) }, k: { does: 'row before', act: () => step(-1) } });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onView?.({ first, last }), [first, last, onView]);
  useEffect(() => {
    if (hasMore && !busy && more && last >= rows.length - 30) more();
  }, [last, rows.length, hasMore, busy, more]);

  const shown = fitting(columns, width);
  const tracks = shown.map((column) => column.width).join(' ');
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      style={{ maxHeight: `max(${LEAST}, calc(100dvh - ${top}px - ${FOOT}))`, '--tracks': tracks } as React.CSSProperties}
      role="table"
      aria-label={label}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
      tabIndex={0}
    >
      <div role="rowgroup" className={classes.head}>
        <div role="row" className={classes.row}>
          {shown.map((column) => (
            <div key={column.key} role="columnheader" className={classes.cell} data-numeric={column.numeric}>
              {column.title}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index] as T;
          const cells = shown.map((column) => (
            <div key={column.key} role="cell" className={classes.cell} data-numeric={column.numeric}>
              {column.cell(row)}
            </div>
          ));
          const place = { transform: `translateY(${item.start}px)`, height: ROW };
          // A click anywhere opens it; with the keyboard one takes the link in the first cell.
          return (
            <div
              key={rowKey(row)}
              role="row"
              aria-rowindex={item.index + 2}
              className={`${classes.row} ${classes.item} ${onOpen ? classes.opens : ''}`}
              style={place}
              onClick={onOpen && ((event) => !(event.target as HTMLElement).closest('a, button, input') && onOpen(row))}
            >
              {cells}
            </div>
          );
        })}
      </div>
      {busy && <Text size="xs" c="dimmed" p="xs">loading more…</Text>}
    </div>
  );
}

/** How far below the top of the page an element begins, whatever comes and goes above it, and how wide it is inside. */
function usePlace(ref: RefObject<HTMLElement | null>): { top: number; width: number } {
  const [place, setPlace] = useState({ top: 240, width: 0 });
  useLayoutEffect(() => {
    const measure = () => {
      if (ref.current === null) return;
      const [top, width] = [Math.round(ref.current.getBoundingClientRect().top + window.scrollY), ref.current.clientWidth];
      setPlace((known) => (known.top === top && known.width === width ? known : { top, width }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    const screen = document.getElementById('screen');
    if (screen !== null) observer.observe(screen);
    if (ref.current !== null) observer.observe(ref.current);
    return () => observer.disconnect();
  }, [ref]);
  return place;
}
