package dev.muster.runbook;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.registry.selector.Selectors;
import dev.muster.runbook.RunbookStore.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** The runbooks that are declared: rules, audit, event, in one transaction (the caller's, if any). */
@Component
class Runbooks {
    static final int MOST = 500;
    static final String KIND = "runbook";

    private final RunbookStore store;
    private final Selectors selectors;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final TransactionTemplate transaction;

    Runbooks(
            RunbookStore store,
            Selectors selectors,
            AuditLog audit,
            EventLog events,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.selectors = selectors;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    Stored require(String name) {
        return store.find(name)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND,
                        "runbook " + (SpecReader.NAME.matcher(name).matches() ? name : "of that name")
                                + " does not exist; GET /api/v1/runbooks lists them"));
    }

    /** @throws Refusal with every problem */
    RunbookSpec read(String name, JsonNode json) {
        SpecReader.Read read = SpecReader.declared(name, json, selectors);
        if (!read.problems().isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "runbook " + name + " is not valid: " + read.problems().getFirst(),
                    read.problems().stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
        return read.spec();
    }

    List<CaseRunner.Result> test(String name, JsonNode json) {
        return new CaseRunner(selectors).run(name, json, read(name, json));
    }

    /** Creates or replaces; a run goes on as it was when it started. @param seen version that the caller saw, null for none */
    boolean save(Actor actor, String name, JsonNode json, @Nullable Long seen, Map<String, String> managers) {
        RunbookSpec unused = read(name, json);
        return Boolean.TRUE.equals(transaction.execute(status -> {
            Optional<Stored> before = store.lock(name);
            if (!Objects.equals(seen, before.map(Stored::resourceVersion).orElse(null))) {
                throw new Refusal(ErrorCode.CONFLICT, "runbook " + name + " was changed at the same time; apply again");
            }
            if (before.isEmpty() && store.count() >= MOST) {
                throw new Refusal(
                        ErrorCode.REFUSED, "there are " + MOST + " runbooks, which is the most; delete one first");
            }
            boolean same = before.map(Stored::json).filter(json::equals).isPresent();
            write(actor, name, json, before.orElse(null), null, managers);
            return !same;
        }));
    }

    /** Loads what is shipped, when it is new or newer and nobody changed it here. */
    boolean ship(String name, JsonNode json, int version) {
        RunbookSpec unused = read(name, json);
        return Boolean.TRUE.equals(transaction.execute(status -> {
            Stored before = store.lock(name).orElse(null);
            if (before != null && (before.shippedVersion() == null || before.shippedVersion() >= version)) {
                return false;
            }
            write(Actor.SYSTEM, name, json, before, version, Map.of());
            return true;
        }));
    }

    private void write(
            Actor actor,
            String name,
            JsonNode json,
            @Nullable Stored before,
            @Nullable Integer shipped,
            Map<String, String> managers) {
        Instant now = now();
        int revision = before == null ? 1 : before.json().equals(json) ? before.revision() : before.revision() + 1;
        Integer keeps =
                shipped != null || before == null || !before.json().equals(json) ? shipped : before.shippedVersion();
        store.save(
                new Stored(
                        name,
                        json,
                        revision,
                        keeps,
                        managers,
                        before == null ? now : before.created(),
                        now,
                        store.nextVersion(),
                        null),
                actor.toString());
        String verb = before == null ? "create" : "update";
        audit.record(actor, "runbook." + verb, KIND, name, before == null ? null : before.json(), json);
        events.append("runbook." + verb + "d", KIND + "/" + name, Map.of("name", name, "revision", revision));
    }

    void delete(Actor actor, String name, @Nullable Long expected) {
        transaction.executeWithoutResult(status -> {
            Stored before = store.lock(name).orElseThrow(() -> notFound(name));
            if (expected != null && expected != before.resourceVersion()) {
                throw new Refusal(
                        ErrorCode.PRECONDITION_FAILED,
                        "runbook " + name + " has version " + before.resourceVersion() + ", not " + expected
                                + "; read it again and repeat the change");
            }
            store.delete(name);
            audit.record(actor, "runbook.delete", KIND, name, before.json(), null);
            events.append("runbook.deleted", KIND + "/" + name, Map.of("name", name));
        });
    }

    static Refusal notFound(String name) {
        return new Refusal(ErrorCode.NOT_FOUND, "runbook " + name + " does not exist; GET /api/v1/runbooks lists them");
    }

    boolean isStartedBy(Stored stored, Map<String, String> labels) {
        return SpecReader.declared(stored.name(), stored.json(), selectors)
                .spec()
                .isStartedBy(labels);
    }

    @Nullable Duration every(Stored stored) {
        return SpecReader.declared(stored.name(), stored.json(), selectors)
                .spec()
                .every();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
