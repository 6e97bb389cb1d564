/** Answers that many ask for again and again, worked out once for all of them. */
@NullMarked
package dev.muster.platform.kept;

import org.jspecify.annotations.NullMarked;
