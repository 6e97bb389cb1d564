@NullMarked
package dev.muster.alert.anomaly;

import org.jspecify.annotations.NullMarked;
