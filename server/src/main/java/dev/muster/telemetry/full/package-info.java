/** Windows of time in which every log line of an asset is kept, whatever its type says of sampling. */
@NullMarked
package dev.muster.telemetry.full;

import org.jspecify.annotations.NullMarked;
