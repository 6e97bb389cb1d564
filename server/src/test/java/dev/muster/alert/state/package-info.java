@NullMarked
package dev.muster.alert.state;

import org.jspecify.annotations.NullMarked;
