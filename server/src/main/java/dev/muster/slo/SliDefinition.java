package dev.muster.slo;

import dev.muster.telemetry.store.TelemetryStore.EventCount;
import org.jspecify.annotations.Nullable;

/** What people count: good or bad of a total, or readings that a threshold parts. */
sealed interface SliDefinition {
    /** @param isBad whether {@code part} counts the bad; else the good */
    record Ratio(Count part, boolean isBad, Count total) implements SliDefinition {}

    record Threshold(Count.Readings readings) implements SliDefinition {}

    /** Something to be counted by asset. */
    sealed interface Count {
        /** @param type of the event; ends with {@code *} for all that begin so */
        record Events(@Nullable String assetType, String type) implements Count {
            boolean matches(EventCount event) {
                return type.endsWith("*")
                        ? event.event().startsWith(type.substring(0, type.length() - 1))
                        : event.event().equals(type);
            }
        }

        /** @param status {@code succeeded}, {@code failed}; null for all whose end is known */
        record Commands(@Nullable String name, @Nullable String status) implements Count {}

        /** @param op {@code lt}, {@code lte}, {@code gt}, {@code gte}; null for every reading */
        record Readings(
                @Nullable String assetType,
                String metric,
                @Nullable String op,
                double value) implements Count {
            boolean holds(double reading) {
                return op == null
                        || switch (op) {
                            case "lt" -> reading < value;
                            case "lte" -> reading <= value;
                            case "gt" -> reading > value;
                            default -> reading >= value;
                        };
            }
        }
    }
}
