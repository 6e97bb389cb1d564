/** The twin as people and programs ask for it: one asset, the list of those that differ, the rate of drift. */
@NullMarked
package dev.muster.twin.view;

import org.jspecify.annotations.NullMarked;
