/** Assets, asset types, groups and selectors. */
@NullMarked
package dev.muster.registry;

import org.jspecify.annotations.NullMarked;
