import { Anchor, Card, type AnchorProps, type CardProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';

type Native = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'color' | 'style'> & { ref?: Ref<HTMLAnchorElement> };

/** A text that leads to a screen. */
export const LinkText = createLink((props: AnchorProps & Native) => <Anchor {...props} />);

/** A card that leads to a screen. */
export const LinkCard = createLink((props: CardProps & Native) => (
  <Card component="a" {...props} style={{ textDecoration: 'none', color: 'inherit' }} />
));
