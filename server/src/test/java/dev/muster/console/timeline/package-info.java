@NullMarked
package dev.muster.console.timeline;

import org.jspecify.annotations.NullMarked;
