/** Reading declared documents strictly: every problem is kept with its path, an unknown field is a problem. */
@NullMarked
package dev.muster.registry.document;

import org.jspecify.annotations.NullMarked;
