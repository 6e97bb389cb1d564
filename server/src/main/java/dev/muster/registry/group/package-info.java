/** Groups: named selectors, with their membership over time. Tables {@code asset_group}, {@code group_membership}. */
@NullMarked
package dev.muster.registry.group;

import org.jspecify.annotations.NullMarked;
