package dev.muster.twin.reported;

import dev.muster.twin.document.ReportOrder.Place;
import org.jspecify.annotations.Nullable;

/**
 * A report as it is stored.
 *
 * @param config JSON, and so are software and updates
 * @param updates by component, as on the wire
 * @param hash of what it says: the same for a report that repeats another, whatever its times and progress
 */
record Report(
        Place place,
        String config,
        String software,
        String updates,
        @Nullable Long rejectedGeneration,
        @Nullable String rejectedReason,
        String hash) {}
