@NullMarked
package dev.muster.window;

import org.jspecify.annotations.NullMarked;
