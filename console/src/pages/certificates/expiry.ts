/** What the buckets of the server are called, and how much they matter: they begin with what has ended. */
export const BUCKETS = [
  { title: 'has ended', urgent: 2 },
  { title: 'within a day', urgent: 2 },
  { title: 'in 1–7 days', urgent: 1 },
  { title: '7–30 days', urgent: 0 },
  { title: '30–60 days', urgent: 0 },
  { title: '60–90 days', urgent: 0 },
  { title: '90–180 days', urgent: 0 },
  { title: '180–365 days', urgent: 0 },
  { title: 'later', urgent: 0 },
];

/** By the square root, so that the few that matter are seen beside many; one that is not empty is always seen. */
export function heights(counts: number[]): number[] {
  const most = Math.sqrt(Math.max(1, ...counts));
  return counts.map((count) => (count === 0 ? 0 : Math.max(4, Math.round((100 * Math.sqrt(count)) / most))));
}
