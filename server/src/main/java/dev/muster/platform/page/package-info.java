/** Keyset pages. */
@NullMarked
package dev.muster.platform.page;

import org.jspecify.annotations.NullMarked;
