@NullMarked
package dev.muster.retirement;

import org.jspecify.annotations.NullMarked;
