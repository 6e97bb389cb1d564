import type { ComponentPropsWithRef } from 'react';

// The library calls each entry of a menu a menuitem, whatever it is told; and that can be neither ticked nor chosen.

/** An entry of a menu that is ticked, for `component`. */
export function MenuTick(props: ComponentPropsWithRef<'button'>) {
  return <button {...props} role="menuitemcheckbox" />;
}

/** An entry of a menu of which one is chosen, for `component`. */
export function MenuChoice(props: ComponentPropsWithRef<'button'>) {
  return <button {...props} role="menuitemradio" />;
}
