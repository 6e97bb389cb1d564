/** Readings of many assets as files: CSV, Parquet. Written row group by row group, while they are read. */
@NullMarked
package dev.muster.telemetry.export;

import org.jspecify.annotations.NullMarked;
