@NullMarked
package dev.muster.distribution;

import org.jspecify.annotations.NullMarked;
