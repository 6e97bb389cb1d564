/**
 * The twin of each asset: presence, what is desired of it, what it reports, and how both differ.
 *
 * <p>Inside, imports point one way: values here and in {@code document} ← {@code desired} ← {@code configuration}, {@code reported} ←
 * {@code reconcile} ← {@code view}; {@code presence} stands beside them.
 */
@NullMarked
package dev.muster.twin;

import org.jspecify.annotations.NullMarked;
