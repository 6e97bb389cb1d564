package dev.muster.telemetry.intake;

import dev.muster.protocol.MetricNames;
import dev.muster.protocol.Metrics;
import dev.muster.telemetry.store.MetricKind;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of readings with the same names from assets of the same type, found out once for all of them.
 *
 * @param stored the metrics that the type's table holds
 * @param key hash of the names that were sent, not of those accepted: it must not change when the type's limit does
 * @param kinds by index, null where the table has no such metric
 * @param declared by index, null where the type does not declare it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record KnownNames(
        TypeSchema schema,
        Map<String, MetricKind> stored,
        MetricNames names,
        long key,
        @Nullable MetricKind[] kinds,
        TypeSchema.@Nullable Metric[] declared) {

    static KnownNames of(TypeSchema schema, Map<String, MetricKind> stored, MetricNames names) {
        @Nullable MetricKind[] kinds = new MetricKind[names.size()];
        TypeSchema.@Nullable Metric[] declared = new TypeSchema.Metric[names.size()];
        for (int i = 0; i < names.size(); i++) {
            kinds[i] = stored.get(names.name(i));
            declared[i] = schema.metrics().get(names.name(i));
        }
        return new KnownNames(schema, stored, names, Keys.names(names), kinds, declared);
    }

    /** By identity of type and table: both are replaced when they change. */
    boolean isFor(TypeSchema otherSchema, Map<String, MetricKind> otherStored, MetricNames otherNames) {
        return schema == otherSchema && stored == otherStored && names.equals(otherNames);
    }

    /** Whether all values are stored as they came, with nothing to count and nothing to tell. */
    boolean accepts(Metrics values) {
        for (int i = 0; i < kinds.length; i++) {
            Object other = values.other(i);
            MetricKind kind = other == null ? MetricKind.NUMBER : MetricKind.of(other);
            if (kind != kinds[i]) {
                return false;
            }
            TypeSchema.Metric metric = declared[i];
            if (metric != null && kind == MetricKind.NUMBER && (other != null || !metric.allows(values.number(i)))) {
                return false;
            }
        }
        return true;
    }
}
