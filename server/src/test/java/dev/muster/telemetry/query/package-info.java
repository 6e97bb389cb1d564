@NullMarked
package dev.muster.telemetry.query;

import org.jspecify.annotations.NullMarked;
