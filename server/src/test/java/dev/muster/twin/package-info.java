@NullMarked
package dev.muster.twin;

import org.jspecify.annotations.NullMarked;
