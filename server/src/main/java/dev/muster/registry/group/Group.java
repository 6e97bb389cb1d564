package dev.muster.registry.group;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A named selector.
 *
 * @param refreshed when the whole membership was last worked out, {@code null} when not yet
 * @param members how many assets belonged to it then
 * @param undecided for how many assets the selector was an error then
 */
public record Group(
        String name,
        String description,
        String selector,
        @Nullable Instant refreshed,
        int members,
        int undecided,
        Map<String, String> managers,
        Instant created,
        Instant updated,
        long resourceVersion) {}
