@NullMarked
package dev.muster.alert.notify;

import org.jspecify.annotations.NullMarked;
