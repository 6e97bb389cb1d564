/** Identifiers. */
@NullMarked
package dev.muster.platform.id;

import org.jspecify.annotations.NullMarked;
