package dev.muster.slo;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.registry.document.Problem;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Changes objectives, indicators and services: rules, audit, event, in one transaction (the caller's, if any). */
@Component
class SloService {
    private final SloStore store;
    private final SliSources sources;
    private final BucketStore buckets;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final TransactionTemplate transaction;

    SloService(
            SloStore store,
            SliSources sources,
            BucketStore buckets,
            AuditLog audit,
            EventLog events,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.sources = sources;
        this.buckets = buckets;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    Optional<SloStore.Stored> find(String kind, String name) {
        return store.find(kind, name);
    }

    /** @param expected null when the caller saw none */
    void save(
            Actor actor,
            String kind,
            String name,
            JsonNode document,
            @Nullable Long expected,
            Map<String, String> managers) {
        List<Problem> problems = new ArrayList<>();
        check(kind, name, document, problems);
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    kind + " " + name + " is not valid: " + problems.getFirst(),
                    problems.stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
        transaction.executeWithoutResult(_ -> {
            Optional<SloStore.Stored> before = store.find(kind, name);
            if (!Objects.equals(
                    expected, before.map(SloStore.Stored::resourceVersion).orElse(null))) {
                throw new Refusal(ErrorCode.CONFLICT, kind + " " + name + " was changed at the same time; apply again");
            }
            int most = kind.equals("SLI") ? SliSources.MAX_DECLARED : Slos.MAX;
            if (before.isEmpty() && store.count(kind) >= most) {
                throw new Refusal(
                        ErrorCode.REFUSED,
                        kind + " " + name + " cannot be created: there are " + most + ", which is the most");
            }
            store.save(kind, name, document, managers, clock.instant());
            record(actor, kind, name, before.map(SloStore.Stored::document).orElse(null), document);
        });
    }

    private void check(String kind, String name, JsonNode document, List<Problem> problems) {
        SloReader reader = new SloReader(problems, sli -> sources.find(sli).isPresent());
        switch (kind) {
            case "SLO" -> reader.slo(name, document);
            case "SLI" -> {
                reader.sli(name, document);
                if (sources.isShipped(name)) {
                    problems.add(new Problem("metadata.name", "\"" + name + "\" is the server's own indicator"));
                }
            }
            default -> {
                if (!SloReader.NAME.matcher(name).matches()) {
                    problems.add(new Problem("metadata.name", "must match " + SloReader.NAME));
                }
            }
        }
    }

    void delete(Actor actor, String kind, String name) {
        transaction.executeWithoutResult(_ -> {
            SloStore.Stored before = store.find(kind, name).orElseThrow(() -> notFound(kind, name));
            if (kind.equals("SLI")) {
                store.page("SLO", null, Slos.MAX).stream()
                        .filter(slo -> slo.document()
                                .path("spec")
                                .path("indicatorRef")
                                .asString("")
                                .equals(name))
                        .findFirst()
                        .ifPresent(slo -> {
                            throw new Refusal(
                                    ErrorCode.REFUSED,
                                    "SLI " + name + " cannot be deleted: SLO " + slo.name()
                                            + " refers to it; delete that first");
                        });
                buckets.forget(name);
            } else if (kind.equals("SLO")) {
                buckets.forget("slo:" + name);
            }
            store.delete(kind, name);
            record(actor, kind, name, before.document(), null);
        });
    }

    static Refusal notFound(String kind, String name) {
        return new Refusal(
                ErrorCode.NOT_FOUND,
                kind + " " + (SloReader.NAME.matcher(name).matches() ? name : "of that name") + " does not exist");
    }

    private void record(Actor actor, String kind, String name, @Nullable JsonNode before, @Nullable JsonNode after) {
        String word = kind.toLowerCase(Locale.ROOT);
        String verb = before == null ? "create" : after == null ? "delete" : "update";
        audit.record(actor, word + "." + verb, word, name, before, after);
        events.append(word + "." + verb + "d", word + "/" + name, Map.of("name", name));
    }
}
