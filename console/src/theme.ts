import { Badge, createTheme } from '@mantine/core';

/** A word on its own light ground keeps 4.5:1, in both schemes. */
export function legible(color: string): string {
  return `light-dark(color-mix(in srgb, var(--mantine-color-${color}-9), black 35%), var(--mantine-color-${color}-3))`;
}

export const theme = createTheme({
  primaryColor: 'cyan',
  // The last red is darker than the library's, so that a word in it can be read on its own light ground.
  colors: { red: ['#fff5f5', '#ffe3e3', '#ffc9c9', '#ffa8a8', '#ff8787', '#ff6b6b', '#fa5252', '#f03e3e', '#e03131', '#b02525'] },
  // The library chooses the text on a filled ground for one shade only, so it is the same in light and dark.
  primaryShade: 9,
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.45rem' }, h2: { fontSize: '1.15rem' }, h3: { fontSize: '1rem' } } },
  components: {
    // A coloured title on its light ground cannot be read; the icon and the ground have the colour.
    Alert: { styles: { title: { color: 'var(--mantine-color-text)' } } },
    Card: { defaultProps: { withBorder: true, padding: 'md', radius: 'md' } },
    TableScrollContainer: { defaultProps: { scrollAreaProps: { viewportProps: { tabIndex: 0 } } } },
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'close' } } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'close' } } },
    Badge: Badge.extend({ defaultProps: { size: 'md' }, vars: (_, { variant, color }) => ({ root: variant === 'light' ? { '--badge-color': legible(color ?? 'cyan') } : {} }) }),
    Tooltip: { defaultProps: { withArrow: true, events: { hover: true, focus: true, touch: true } } },
  },
});
