package dev.muster.alert.declared;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Changes declared objects: rules, audit and event, in one transaction (the caller's, if any). */
@Component
public class DeclaredObjects {
    public static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");

    private final DeclaredStore store;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final TransactionTemplate transaction;

    DeclaredObjects(
            DeclaredStore store,
            AuditLog audit,
            EventLog events,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    public Optional<Declared> find(DeclaredKind kind, String name) {
        return store.find(kind.wire(), name);
    }

    public Declared get(DeclaredKind kind, String name) {
        return find(kind, name).orElseThrow(() -> notFound(kind, name));
    }

    public Page<Declared> list(DeclaredKind kind, PageRequest page) {
        return Page.of(store.page(kind.wire(), page.after(), page.fetch()), page, Declared::name);
    }

    /** @param expectedVersion {@code null} when the caller saw none */
    void save(
            Actor actor,
            DeclaredKind kind,
            String name,
            JsonNode spec,
            @Nullable Long expectedVersion,
            Map<String, String> managers) {
        requireValid(kind, name, spec);
        transaction.executeWithoutResult(status -> {
            Optional<Declared> before = store.lock(kind.wire(), name);
            Long found = before.map(Declared::resourceVersion).orElse(null);
            if (expectedVersion == null ? found != null : !expectedVersion.equals(found)) {
                throw new Refusal(
                        ErrorCode.CONFLICT, kind.words() + " " + name + " was changed at the same time; apply again");
            }
            if (before.isEmpty() && store.count(kind.wire()) >= kind.most()) {
                throw new Refusal(
                        ErrorCode.REFUSED,
                        kind.words() + " " + name + " cannot be created: there are " + kind.most()
                                + ", which is the most; delete one");
            }
            Integer shipped = before.filter(old -> old.spec().equals(spec))
                    .map(Declared::shipped)
                    .orElse(null);
            write(actor, kind, name, spec, before.orElse(null), managers, shipped);
        });
    }

    /** Loads what comes with the server, when it is new or newer and nobody changed it here. @return whether it was loaded */
    public boolean ship(DeclaredKind kind, String name, JsonNode spec, int version) {
        requireValid(kind, name, spec);
        return Boolean.TRUE.equals(transaction.execute(status -> {
            Declared before = store.lock(kind.wire(), name).orElse(null);
            if (before == null
                    ? store.count(kind.wire()) >= kind.most()
                    : before.shipped() == null || before.shipped() >= version) {
                return false;
            }
            write(Actor.SYSTEM, kind, name, spec, before, Map.of(), version);
            return true;
        }));
    }

    private void write(
            Actor actor,
            DeclaredKind kind,
            String name,
            JsonNode spec,
            @Nullable Declared before,
            Map<String, String> managers,
            @Nullable Integer shipped) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Instant created = before == null ? now : before.created();
        store.save(new Declared(kind.wire(), name, spec, managers, created, now, store.nextVersion(), shipped));
        record(actor, kind, name, before == null ? "create" : "update", before == null ? null : before.spec(), spec);
    }

    /** @param expectedVersion {@code null} for any */
    public void delete(Actor actor, DeclaredKind kind, String name, @Nullable Long expectedVersion) {
        transaction.executeWithoutResult(status -> {
            Declared before = store.lock(kind.wire(), name).orElseThrow(() -> notFound(kind, name));
            if (expectedVersion != null && expectedVersion != before.resourceVersion()) {
                throw new Refusal(
                        ErrorCode.PRECONDITION_FAILED,
                        kind.words() + " " + name + " has version " + before.resourceVersion() + ", not "
                                + expectedVersion + "; read it again and repeat the change");
            }
            store.delete(kind.wire(), name);
            store.nextVersion();
            record(actor, kind, name, "delete", before.spec(), null);
        });
    }

    private void record(
            Actor actor,
            DeclaredKind kind,
            String name,
            String verb,
            @Nullable JsonNode before,
            @Nullable JsonNode after) {
        String noun = kind.words().replace(' ', '-').toLowerCase(Locale.ROOT);
        audit.record(actor, noun + "." + verb, noun, name, before, after);
        events.append(noun + "." + verb + "d", noun + "/" + name, Map.of("name", name));
    }

    private static void requireValid(DeclaredKind kind, String name, JsonNode spec) {
        if (!NAME.matcher(name).matches()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the name is no name of a " + kind.words(),
                    List.of(new FieldProblem("metadata.name", "must match " + NAME)));
        }
        List<Problem> problems = new ArrayList<>();
        kind.check(name, FieldReader.of("spec", spec, problems));
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    kind.words() + " " + name + " is not valid: " + problems.getFirst(),
                    problems.stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
    }

    static Refusal notFound(DeclaredKind kind, String name) {
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "there is no " + kind.words() + (NAME.matcher(name).matches() ? " " + name : " of that name"));
    }
}
