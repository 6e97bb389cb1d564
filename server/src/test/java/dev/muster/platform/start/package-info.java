@NullMarked
package dev.muster.platform.start;

import org.jspecify.annotations.NullMarked;
