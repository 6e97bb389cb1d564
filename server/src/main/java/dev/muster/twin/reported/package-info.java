/**
 * What assets say they are: the newest report of each, compared with what is desired when it arrives, and a bounded history.
 *
 * <p>Tables {@code twin_reported}, {@code twin_reported_history}. Written by the journal's consumer {@code state} only.
 */
@NullMarked
package dev.muster.twin.reported;

import org.jspecify.annotations.NullMarked;
