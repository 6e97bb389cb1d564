@NullMarked
package dev.muster.alert.source;

import org.jspecify.annotations.NullMarked;
