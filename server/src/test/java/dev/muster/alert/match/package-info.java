@NullMarked
package dev.muster.alert.match;

import org.jspecify.annotations.NullMarked;
