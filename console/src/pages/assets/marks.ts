/** The colours of presence on a map, on light and dark ground. */
export const COLORS: Record<string, { light: string; dark: string }> = {
  online: { light: '#0b7a61', dark: '#38d9a9' },
  stale: { light: '#c2570c', dark: '#ffa94d' },
  offline: { light: '#c92a2a', dark: '#ff8787' },
  never_seen: { light: '#6b747d', dark: '#adb5bd' },
};

export const STATES = Object.keys(COLORS);

export type Look = { dark: boolean };

const RATIO = 2;
const STEPS = 16;

export function colorOf(state: string, { dark }: Look): string {
  const color = COLORS[state] ?? COLORS.never_seen;
  return color?.[dark ? 'dark' : 'light'] ?? '#888888';
}

/** The drawing that stands for several assets: how many, and as a ring which shares are what. Alike ones share it. */
export function ringKey(assets: number, presence: Record<string, number>): string {
  return `ring ${short(assets)} ${shares(assets, presence).join(' ')}`;
}

/** Sixteenths of a ring; what is there at all has at least one. */
export function shares(assets: number, presence: Record<string, number>): number[] {
  const exact = STATES.map((state) => ((presence[state] ?? 0) / assets) * STEPS);
  const whole = exact.map((each) => (each > 0 ? Math.max(1, Math.round(each)) : 0));
  const most = exact.indexOf(Math.max(...exact));
  whole[most] = (whole[most] ?? 0) + STEPS - whole.reduce((sum, each) => sum + each, 0);
  return whole;
}

export function short(count: number): string {
  if (count < 1_000) return String(count);
  if (count < 10_000) return `${Math.floor(count / 100) / 10}k`;
  return count < 1_000_000 ? `${Math.floor(count / 1_000)}k` : `${Math.floor(count / 100_000) / 10}M`;
}

function canvas(size: number): { context: CanvasRenderingContext2D; done: () => ImageData } {
  const element = document.createElement('canvas');
  element.width = size * RATIO;
  element.height = size * RATIO;
  const context = element.getContext('2d');
  if (context === null) throw new Error('this browser draws nothing on a canvas');
  context.scale(RATIO, RATIO);
  return { context, done: () => context.getImageData(0, 0, element.width, element.height) };
}

export const PIXEL_RATIO = RATIO;

export function drawRing(assets: number, presence: Record<string, number>, look: Look): ImageData {
  const radius = 13 + Math.min(Math.log10(assets) * 4, 14);
  const size = Math.ceil(radius * 2 + 4);
  const { context, done } = canvas(size);
  const middle = size / 2;
  context.beginPath();
  context.arc(middle, middle, radius, 0, Math.PI * 2);
  context.fillStyle = look.dark ? '#1a1b1e' : '#ffffff';
  context.fill();
  let from = -Math.PI / 2;
  shares(assets, presence).forEach((share, index) => {
    if (share === 0) return;
    const to = from + (share / STEPS) * Math.PI * 2;
    context.beginPath();
    context.arc(middle, middle, radius - 2.5, from, to);
    context.lineWidth = 5;
    context.strokeStyle = colorOf(STATES[index] ?? '', look);
    context.stroke();
    from = to;
  });
  context.fillStyle = look.dark ? '#f1f3f5' : '#212529';
  context.font = '600 11px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(short(assets), middle, middle + 0.5);
  return done();
}

/** One asset: its presence as colour and as shape. */
export function drawSpot(state: string, look: Look, size = 18): ImageData {
  const { context, done } = canvas(size);
  paintSpot(context, state, look, size);
  return done();
}

function paintSpot(context: CanvasRenderingContext2D, state: string, look: Look, size: number): void {
  const middle = size / 2;
  const radius = size / 2 - 3;
  context.beginPath();
  if (state === 'stale') {
    context.moveTo(middle, middle - radius);
    context.lineTo(middle + radius, middle + radius * 0.85);
    context.lineTo(middle - radius, middle + radius * 0.85);
    context.closePath();
  } else if (state === 'offline') {
    context.rect(middle - radius * 0.85, middle - radius * 0.85, radius * 1.7, radius * 1.7);
  } else {
    context.arc(middle, middle, radius, 0, Math.PI * 2);
  }
  context.lineWidth = 2;
  context.lineJoin = 'round';
  context.strokeStyle = look.dark ? '#101113' : '#ffffff';
  context.fillStyle = colorOf(state, look);
  if (state === 'never_seen') {
    context.fillStyle = look.dark ? '#101113' : '#ffffff';
    context.strokeStyle = colorOf(state, look);
  }
  context.fill();
  context.stroke();
}
