@NullMarked
package dev.muster.twin.reported;

import org.jspecify.annotations.NullMarked;
