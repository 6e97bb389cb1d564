package dev.muster.twin.desired;

import dev.muster.command.Nudges;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Lifecycle;
import dev.muster.twin.desired.DesiredStore.Row;
import dev.muster.twin.desired.DesiredStore.Written;
import dev.muster.twin.desired.Documents.Texts;
import dev.muster.twin.desired.Inputs.Subject;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Works out the documents of many assets with few statements. Assets to which the same applies share one merge and one stored
 * text.
 */
@Component
class Materializer {
    private final JdbcTemplate template;
    private final DesiredStore store;
    private final TextStore texts;
    private final ReconcileQueue queue;
    private final Nudges nudges;
    private final Clock clock;

    Materializer(
            JdbcTemplate template,
            DesiredStore store,
            TextStore texts,
            ReconcileQueue queue,
            Nudges nudges,
            Clock clock) {
        this.template = template;
        this.store = store;
        this.texts = texts;
        this.queue = queue;
        this.nudges = nudges;
        this.clock = clock;
    }

    /** Why an asset's document is worked out. @param reapply gives a new generation even to the same content */
    record Cause(String reason, boolean reapply) {}

    /**
     * Works out and stores the documents of assets whose rows the caller has locked in this transaction.
     *
     * @return the generation of each that is an asset and not retired
     */
    Map<String, Long> materialize(Map<String, Cause> causes) {
        Map<String, Row> rows = store.rows(causes.keySet());
        Inputs inputs = Inputs.read(template, causes.keySet());
        Documents documents = new Documents(inputs);
        Map<String, Texts> byAsset = HashMap.newHashMap(rows.size());
        Set<String> all = new HashSet<>();
        for (Subject subject : inputs.assets().values()) {
            if (subject.lifecycle() != Lifecycle.RETIRED) {
                Texts merged = documents.of(subject);
                byAsset.put(subject.id(), merged);
                if (merged.body() != null) {
                    all.add(merged.body());
                    all.add(merged.origins());
                }
            }
        }
        Map<String, Long> ids = texts.ids(all);

        Map<String, Long> generations = new HashMap<>();
        List<Written> written = new ArrayList<>();
        List<String> deleted = new ArrayList<>();
        for (Row row : rows.values()) {
            Cause cause = Objects.requireNonNull(causes.get(row.asset()));
            Subject subject = inputs.assets().get(row.asset());
            Row next;
            if (subject == null) {
                deleted.add(row.asset());
                next = withdrawn(row, 0);
            } else if (subject.lifecycle() == Lifecycle.RETIRED) {
                next = withdrawn(row, subject.version());
            } else {
                next = next(row, subject, Objects.requireNonNull(byAsset.get(row.asset())), ids, cause.reapply());
                generations.put(row.asset(), next.generation());
            }
            if (!next.equals(row)) {
                written.add(new Written(next, next.generation() != row.generation(), cause.reason()));
            }
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        store.write(written, now);
        store.forget(deleted);
        tell(written, causes, now);
        return generations;
    }

    private Row next(Row row, Subject subject, Texts merged, Map<String, Long> ids, boolean reapply) {
        if (merged.problem() != null) {
            return new Row(
                    row.asset(),
                    row.generation(),
                    row.content(),
                    row.origins(),
                    subject.version(),
                    merged.problem(),
                    row.reported());
        }
        if (merged.body() == null && row.generation() == 0) {
            return new Row(row.asset(), 0, null, null, subject.version(), null, row.reported());
        }
        // Once something was desired, nothing is a document too: the asset has to hear of it.
        Long content = merged.body() == null ? empty() : ids.get(merged.body());
        Long origins = merged.body() == null ? emptyOrigins() : ids.get(merged.origins());
        boolean bump = !Objects.equals(content, row.content()) || reapply;
        return new Row(
                row.asset(),
                bump ? above(row) : row.generation(),
                content,
                origins,
                subject.version(),
                null,
                row.reported());
    }

    private Long empty() {
        String body = "{\"config\":{},\"software\":{}}";
        return Objects.requireNonNull(texts.ids(List.of(body)).get(body));
    }

    private Long emptyOrigins() {
        return Objects.requireNonNull(texts.ids(List.of("{}")).get("{}"));
    }

    /** Above what the asset has seen too: a server that came back from a backup gives no generation twice. */
    private static long above(Row row) {
        long reported = row.reported() == null ? 0 : row.reported();
        boolean credible = reported < 1L << 53;
        return Math.max(row.generation(), credible ? reported : 0) + 1;
    }

    private static Row withdrawn(Row row, long version) {
        return new Row(row.asset(), row.generation(), null, null, version, null, row.reported());
    }

    private void tell(List<Written> written, Map<String, Cause> causes, Instant now) {
        List<String> fresh = new ArrayList<>();
        List<String> again = new ArrayList<>();
        Collection<AssetId> nudged = new ArrayList<>();
        for (Written each : written) {
            if (each.bumped()) {
                String asset = each.row().asset();
                (Objects.requireNonNull(causes.get(asset)).reapply() ? again : fresh).add(asset);
                nudged.add(new AssetId(asset));
            }
        }
        queue.watch(fresh, true, now);
        queue.watch(again, false, now);
        nudges.afterCommit(nudged);
    }
}
