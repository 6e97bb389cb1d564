import { Text, Tooltip } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { moment } from '../../../ui/axis';
import { absolute, span } from '../../../ui/time';
import { useZone } from '../../../ui/zone';
import classes from './timeline.module.css';
import { endOf, layOut, tone, worst, type Entry, type Mark } from './layout';
import { ticks, type Window } from './window';

const ROW = 16;
const PAD = 7;
const HEAD = 22;
/** A drag of fewer pixels is a click. */
const DRAG = 5;

export type LaneRow = { lane: string; title: string; entries: Entry[]; note?: string };

type Props = {
  lanes: LaneRow[];
  window: Window;
  now: number;
  at: number | undefined;
  onZoom: (factor: number, at?: number) => void;
  onMove: (share: number) => void;
  onWindow: (window: Window) => void;
  onReset: () => void;
  /** A moment was pointed at, and the entry that lies there, if any. */
  onAt: (at: number, entry: Entry | undefined) => void;
};

/** The lanes on one axis of time: dragging chooses a span, the wheel and keys zoom, a click chooses a moment. */
export function Axis({ lanes, window: shown, now, at, onZoom, onMove, onWindow, onReset, onAt }: Props) {
  const { ref: room, width } = useElementSize();
  const ref = useRef<SVGSVGElement>(null);
  const zone = useZone();
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const rows = useMemo(() => {
    let y = HEAD;
    return lanes.map((lane) => {
      const { marks, rows: count } = layOut(lane.entries, shown, Math.max(1, width), now);
      const height = count * ROW + PAD;
      const row = { ...lane, marks, y, height };
      y += height;
      return row;
    });
  }, [lanes, shown, width, now]);
  const height = (rows.at(-1)?.y ?? HEAD) + (rows.at(-1)?.height ?? 0);
  const scale = Math.max(1, width) / (shown.to - shown.from);
  const place = (time: number) => (time - shown.from) * scale;
  const timeAt = (x: number) => shown.from + x / scale;
  const within = (event: PointerEvent) => Math.min(width, Math.max(0, event.clientX - (ref.current?.getBoundingClientRect().left ?? 0)));

  // React listens to the wheel passively, so that it could not be kept from scrolling the page.
  const wheel = useRef<(event: WheelEvent) => void>(() => {});
  wheel.current = (event) => {
    const focused = document.activeElement === ref.current;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
      event.preventDefault();
      onMove(((event.deltaX || event.deltaY) / Math.max(1, width)) * 1.5);
    } else if (event.ctrlKey || event.metaKey || focused) {
      event.preventDefault();
      onZoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 150), timeAt(event.clientX - (ref.current?.getBoundingClientRect().left ?? 0)));
    }
  };
  useEffect(() => {
    const svg = ref.current;
    if (svg === null) return;
    const listen = (event: WheelEvent) => wheel.current(event);
    svg.addEventListener('wheel', listen, { passive: false });
    return () => svg.removeEventListener('wheel', listen);
  }, [ref]);

  const keys: Record<string, () => void> = {
    ArrowLeft: () => onMove(-0.25), ArrowRight: () => onMove(0.25), '+': () => onZoom(0.5), '=': () => onZoom(0.5), ArrowUp: () => onZoom(0.5), '-': () => onZoom(2), ArrowDown: () => onZoom(2), 0: onReset, Home: onReset,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act = keys[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };

  return (
    <div className={classes.chart}>
      <div className={classes.names} style={{ paddingTop: HEAD }} aria-hidden>
        {rows.map((row) => (
          <div key={row.lane} className={classes.name} style={{ height: row.height }} data-empty={row.marks.length === 0 || undefined}>
            <Text size="xs" truncate>{row.title}</Text>
          </div>
        ))}
      </div>
      <div ref={room}>
        <svg
        ref={ref}
        className={classes.axis}
        height={height}
        tabIndex={0}
        role="application"
        aria-label={`time axis from ${absolute(shown.from)} to ${absolute(shown.to)}; arrow keys move, plus and minus zoom, 0 shows all; what is on it is in the list`}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          const x = within(event);
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: x, to: x });
        }}
        onPointerMove={(event) => drag && setDrag({ ...drag, to: within(event) })}
        onPointerCancel={() => setDrag(undefined)}
        onPointerUp={(event) => {
          if (drag === undefined) return;
          setDrag(undefined);
          const [from, to] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
          if (to - from >= DRAG) {
            onWindow({ from: timeAt(from), to: timeAt(to) });
            return;
          }
          const x = within(event);
          const y = event.clientY - (ref.current?.getBoundingClientRect().top ?? 0);
          const hit = rows.find((row) => y >= row.y && y < row.y + row.height)?.marks.map((mark) => ({ mark, off: Math.max(mark.x - x, x - mark.x - mark.width, 0) })).filter(({ off }) => off < 7).sort((a, b) => a.mark.width - b.mark.width)[0]?.mark;
          const entry = hit === undefined ? undefined : worst(hit.entries);
          onAt(entry === undefined ? timeAt(x) : Date.parse(entry.at), entry);
        }}
      >
        {ticks(shown, Math.max(2, Math.floor(width / 110)), zone).map((tick) => (
          <g key={tick} transform={`translate(${place(tick)} 0)`}>
            <line y1={HEAD - 4} y2={height} className={classes.grid} />
            <text y={12} textAnchor={place(tick) < 30 ? 'start' : place(tick) > width - 30 ? 'end' : 'middle'} className={classes.tick}>{moment(tick / 1000, (shown.to - shown.from) / 1000, zone)}</text>
          </g>
        ))}
        {rows.map((row) => (
          <g key={row.lane}>
            <line y1={row.y} y2={row.y} x2={width} className={classes.rule} />
            {row.marks.map((mark) => <Drawn key={`${mark.entries[0]?.at}${mark.entries[0]?.title}${mark.entries[0]?.state}${mark.row}`} mark={mark} y={row.y + PAD / 2 + mark.row * ROW} lane={row.lane} now={now} width={width} />)}
          </g>
        ))}
        {now > shown.from && now < shown.to && <line x1={place(now)} x2={place(now)} y1={HEAD - 6} y2={height} className={classes.now} />}
        {at !== undefined && at >= shown.from && at <= shown.to && (
          <g transform={`translate(${place(at)} 0)`}>
            <line y1={HEAD - 6} y2={height} className={classes.at} />
            <path d="M-5 14 L5 14 L0 21 Z" className={classes.pointer} />
          </g>
        )}
        {drag && Math.abs(drag.to - drag.from) >= DRAG && <rect x={Math.min(drag.from, drag.to)} width={Math.abs(drag.to - drag.from)} y={HEAD - 6} height={height - HEAD + 6} className={classes.brush} />}
      </svg>
      </div>
    </div>
  );
}

/** Shape and colour say the same: a cross is bad, a triangle is a warning, a disc is well or plain. */
function Drawn({ mark, y, lane, now, width }: { mark: Mark; y: number; lane: string; now: number; width: number }) {
  const first = worst(mark.entries);
  if (first === undefined) return null;
  const look = tone(first.state);
  const more = mark.entries.length - 1;
  const label = (
    <>
      {first.title.replaceAll('_', ' ')}{first.title === first.state ? '' : `: ${first.state.replaceAll('_', ' ')}`}
      <br />{absolute(first.at)}{mark.width > 0 && `, ${span((endOf(first, now) - Date.parse(first.at)) / 1000)}${first.open ? ' until now' : ''}`}
      {first.reason && <><br />{first.reason}</>}
      {more > 0 && <><br />and {more} more</>}
    </>
  );
  const middle = y + ROW / 2;
  return (
    <Tooltip label={label} multiline maw={360} openDelay={100}>
      {mark.width > 0 ? (
        <g className={classes.mark} data-tone={look}>
          <rect x={mark.x} y={y + 2} width={mark.width} height={ROW - 4} rx={3} data-thin={lane === 'presence' || undefined} />
          {look === 'bad' && mark.width > 14 && <path d={`M${mark.x + 5} ${middle - 3} l6 6 m0 -6 l-6 6`} className={classes.sign} />}
        </g>
      ) : (
        <g className={classes.mark} data-tone={look} transform={`translate(${mark.x} ${middle})`}>
          {look === 'bad' ? <path d="M-4.5 -4.5 L4.5 4.5 M4.5 -4.5 L-4.5 4.5" className={classes.cross} /> : look === 'warn' ? <path d="M0 -5.5 L5.5 4.5 L-5.5 4.5 Z" /> : <circle r={4.5} />}
          {more > 0 && <text x={mark.x > width - 26 ? -8 : 8} y={4} textAnchor={mark.x > width - 26 ? 'end' : 'start'} className={classes.count}>{more + 1}</text>}
        </g>
      )}
    </Tooltip>
  );
}
