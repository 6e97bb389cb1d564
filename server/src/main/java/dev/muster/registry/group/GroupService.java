package dev.muster.registry.group;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.registry.document.Problem;
import dev.muster.registry.selector.Selectors;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Changes groups: rules, membership, audit, event, in one transaction (the caller's, if any). */
@Component
public class GroupService {
    private static final String KIND = "group";

    private final GroupStore groups;
    private final Memberships memberships;
    private final Selectors selectors;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final TransactionTemplate transaction;

    GroupService(
            GroupStore groups,
            Memberships memberships,
            Selectors selectors,
            AuditLog audit,
            EventLog events,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.groups = groups;
        this.memberships = memberships;
        this.selectors = selectors;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    public Optional<Group> find(String name) {
        return groups.find(name);
    }

    /**
     * Creates or replaces a group; its members are known when this returns.
     *
     * @param expectedVersion {@code null} for any
     * @param managers who owns which field from now on
     */
    public void save(
            Actor actor, String name, JsonNode json, @Nullable Long expectedVersion, Map<String, String> managers) {
        GroupSpec spec = read(name, json);
        transaction.executeWithoutResult(status -> {
            groups.lockExclusively();
            Optional<Group> before = groups.find(name);
            checkVersion(name, before, expectedVersion);
            if (before.isEmpty() && groups.count() >= Memberships.MAX_GROUPS) {
                throw new Refusal(
                        ErrorCode.REFUSED,
                        "group " + name + " cannot be created: there are " + Memberships.MAX_GROUPS
                                + " groups, which is the most; delete one first");
            }
            Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            Group after = new Group(
                    name,
                    spec.description(),
                    spec.selector(),
                    null,
                    0,
                    0,
                    managers,
                    before.map(Group::created).orElse(now),
                    now,
                    groups.nextVersion());
            groups.save(after, selectors.compile(spec.selector()).isVolatile());
            memberships.refresh(name);
            record(actor, name, before.map(GroupService::spec).orElse(null), spec);
        });
    }

    public void delete(Actor actor, String name, @Nullable Long expectedVersion) {
        transaction.executeWithoutResult(status -> {
            groups.lockExclusively();
            Group before = groups.find(name).orElseThrow(() -> notFound(name));
            checkVersion(name, Optional.of(before), expectedVersion);
            groups.delete(name);
            record(actor, name, spec(before), null);
        });
    }

    static Refusal notFound(String name) {
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "group " + (GroupSpec.NAME.matcher(name).matches() ? name : "of that name")
                        + " does not exist; GET /api/v1/groups lists the groups");
    }

    private static GroupSpec spec(Group group) {
        return new GroupSpec(group.description(), group.selector());
    }

    private GroupSpec read(String name, JsonNode json) {
        List<Problem> problems = new ArrayList<>();
        GroupSpec spec = GroupSpec.read(name, json, selectors, problems);
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "group " + name + " is not valid: " + problems.getFirst(),
                    problems.stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
        return spec;
    }

    private static void checkVersion(String name, Optional<Group> before, @Nullable Long expected) {
        Long found = before.map(Group::resourceVersion).orElse(null);
        if (expected != null && !expected.equals(found)) {
            throw new Refusal(
                    ErrorCode.PRECONDITION_FAILED,
                    "group " + name + " has version " + found + ", not " + expected
                            + "; read it again and repeat the change");
        }
    }

    private void record(Actor actor, String name, @Nullable GroupSpec before, @Nullable GroupSpec after) {
        String verb = before == null ? "create" : after == null ? "delete" : "update";
        audit.record(actor, "group." + verb, KIND, name, before, after);
        events.append("group." + verb + "d", "group/" + name, Map.of("name", name));
    }
}
