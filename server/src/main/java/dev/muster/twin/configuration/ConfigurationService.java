package dev.muster.twin.configuration;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import dev.muster.registry.apply.FieldOwnership;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.document.Problem;
import dev.muster.twin.desired.LocalChanges;
import dev.muster.twin.desired.Marks;
import dev.muster.twin.document.CanonicalJson;
import dev.muster.twin.document.DesiredMerge.Accepted;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Changes configurations: rules, scope, audit, event and marks, in one transaction (the caller's, if any). */
@Component
public class ConfigurationService {
    private static final String KIND = "configuration";
    private static final String MANAGER = "local";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ConfigurationStore store;
    private final RevisionStore revisions;
    private final Visibility visibility;
    private final Marks marks;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final TransactionTemplate transaction;

    ConfigurationService(
            ConfigurationStore store,
            RevisionStore revisions,
            Visibility visibility,
            Marks marks,
            AuditLog audit,
            EventLog events,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.revisions = revisions;
        this.visibility = visibility;
        this.marks = marks;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** The configuration, unless it is for an asset that the actor may not see. */
    public Optional<Configuration> find(Actor actor, String name) {
        return store.find(name).filter(found -> visible(actor, List.of(found)).contains(found));
    }

    /** Those of the given that the actor may see. */
    List<Configuration> visible(Actor actor, List<Configuration> given) {
        if (actor.scope().isAll()) {
            return given;
        }
        List<AssetId> assets = given.stream()
                .flatMap(each -> Optional.ofNullable(each.asset()).stream())
                .map(AssetId::new)
                .distinct()
                .toList();
        var seen = visibility.visible(actor.scope(), assets);
        return given.stream()
                .filter(each -> each.asset() == null || seen.contains(new AssetId(each.asset())))
                .toList();
    }

    /** By name, of those that exist. */
    public Map<String, ConflictPolicy> policies(Collection<String> names) {
        return store.policies(names);
    }

    /**
     * Creates or replaces a configuration.
     *
     * @param expectedVersion {@code null} when the caller saw none
     */
    void save(Actor actor, String name, JsonNode json, @Nullable Long expectedVersion, Map<String, String> managers) {
        ConfigurationSpec spec = read(name, json);
        transaction.executeWithoutResult(status -> {
            Optional<Configuration> before = store.lock(name);
            Long found = before.map(Configuration::resourceVersion).orElse(null);
            if (expectedVersion == null && found != null) {
                throw new Refusal(
                        ErrorCode.CONFLICT, "configuration " + name + " cannot be created: the name is taken");
            }
            if (expectedVersion != null && !expectedVersion.equals(found)) {
                throw new Refusal(
                        ErrorCode.CONFLICT, "configuration " + name + " was changed at the same time; apply again");
            }
            before.ifPresent(old -> requireMayChange(actor, old.asset(), old.group()));
            before.ifPresent(ConfigurationService::requireNotUnderRollout);
            requireMayChange(actor, spec.asset(), spec.group());
            Instant now = now();
            Configuration after = new Configuration(
                    name,
                    spec.asset(),
                    spec.group(),
                    spec.precedence(),
                    spec.conflict(),
                    json,
                    null,
                    managers,
                    before.map(Configuration::created).orElse(now),
                    now,
                    store.nextVersion(),
                    Hold.NONE);
            store.save(after);
            before.filter(old -> !saysTheSame(old, after)).ifPresent(old -> {
                revisions.forget(name);
                store.hold(name, Hold.NONE);
            });
            record(actor, before.orElse(null), after);
        });
    }

    private static boolean saysTheSame(Configuration one, Configuration other) {
        return CanonicalJson.same(one.config(), other.config()) && one.target().equals(other.target());
    }

    private static ObjectNode document(JsonNode spec) {
        return JsonNodeFactory.instance.objectNode().set("spec", spec);
    }

    private static void requireNotUnderRollout(Configuration configuration) {
        if (configuration.hold().isUnderWay()) {
            String rollout = configuration.hold().name();
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "configuration " + configuration.name() + " cannot be changed: rollout " + rollout
                            + " moves it from asset to asset right now; wait until that has ended, or end it with"
                            + " `muster rollout abort " + rollout + "` or `muster rollout rollback " + rollout + "`");
        }
    }

    /** A rollout has decided what the configuration says from now on; in the transaction of the caller, who has it locked. */
    void say(Actor actor, Configuration before, JsonNode config, String manager) {
        ObjectNode spec = (ObjectNode) before.spec().deepCopy();
        spec.set("config", config);
        Configuration after = new Configuration(
                before.name(),
                before.asset(),
                before.group(),
                before.precedence(),
                before.conflict(),
                spec,
                null,
                FieldOwnership.takenOver(document(before.spec()), document(spec), before.managers(), manager),
                before.created(),
                now(),
                store.nextVersion(),
                before.hold());
        store.save(after);
        record(actor, before, after);
    }

    /** @param expectedVersion {@code null} for any */
    void delete(Actor actor, String name, @Nullable Long expectedVersion) {
        transaction.executeWithoutResult(status -> {
            Configuration before = store.lock(name)
                    .filter(found -> !visible(actor, List.of(found)).isEmpty())
                    .orElseThrow(() -> notFound(name));
            if (expectedVersion != null && expectedVersion != before.resourceVersion()) {
                throw new Refusal(
                        ErrorCode.PRECONDITION_FAILED,
                        "configuration " + name + " has version " + before.resourceVersion() + ", not "
                                + expectedVersion + "; read it again and repeat the change");
            }
            requireMayChange(actor, before.asset(), before.group());
            requireNotUnderRollout(before);
            store.delete(name);
            revisions.deleteAll(name);
            record(actor, before, null);
        });
    }

    /**
     * Makes values that were found on an asset its desired ones, in the caller's transaction.
     *
     * @param found with what is desired now as their base
     */
    public void accept(String asset, List<Accepted> found) {
        String name = ConfigurationSpec.LOCAL + asset;
        Optional<Configuration> before = store.lock(name);
        LocalChanges changes = before.map(Configuration::localChanges)
                .map(text -> LocalChanges.read((ObjectNode) JSON.readTree(text)))
                .orElseGet(LocalChanges::none);
        for (Accepted each : found) {
            Accepted earlier = changes.byPointer().get(each.pointer());
            // What is desired now may be what was accepted before: then the wish below both stays the base.
            changes.add(
                    earlier != null && CanonicalJson.same(earlier.value(), each.base())
                            ? new Accepted(each.pointer(), each.value(), earlier.base())
                            : each);
        }
        Instant now = now();
        Map<String, String> managers = new TreeMap<>();
        changes.byPointer().keySet().forEach(pointer -> managers.put("/spec/config" + pointer, MANAGER));
        Configuration after = new Configuration(
                name,
                asset,
                null,
                ConfigurationSpec.MAX_PRECEDENCE + 1,
                ConflictPolicy.ACCEPT,
                localSpec(asset, changes),
                JSON.writeValueAsString(changes.stored()),
                managers,
                before.map(Configuration::created).orElse(now),
                now,
                store.nextVersion(),
                Hold.NONE);
        store.save(after);
        record(Actor.SYSTEM, before.orElse(null), after);
    }

    private static ObjectNode localSpec(String asset, LocalChanges changes) {
        ObjectNode spec = JsonNodeFactory.instance.objectNode();
        spec.putObject("target").put("asset", asset);
        spec.put("precedence", ConfigurationSpec.MAX_PRECEDENCE + 1);
        ObjectNode config = spec.putObject("config");
        changes.accepted().forEach(accepted -> put(config, accepted));
        spec.put("conflict", ConflictPolicy.ACCEPT.wire());
        return spec;
    }

    private static void put(ObjectNode config, Accepted accepted) {
        ObjectNode parent = config;
        String[] names = accepted.pointer().substring(1).split("/", -1);
        for (int i = 0; i < names.length; i++) {
            String name = names[i].replace("~1", "/").replace("~0", "~");
            if (i < names.length - 1) {
                parent = parent.get(name) instanceof ObjectNode known ? known : parent.putObject(name);
            } else {
                parent.set(name, accepted.value());
            }
        }
    }

    static Refusal notFound(String name) {
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "configuration " + (ConfigurationSpec.NAME.matcher(name).matches() ? name : "of that name")
                        + " does not exist or is for an asset outside of your scope; GET /api/v1/configurations lists them");
    }

    void requireMayChange(Actor actor, @Nullable String asset, @Nullable String group) {
        if (asset != null) {
            AssetId id = new AssetId(asset);
            if (!visibility.visible(actor.scope(), List.of(id)).contains(id)) {
                throw new Refusal(
                        ErrorCode.INVALID,
                        "the configuration is not valid",
                        List.of(new FieldProblem(
                                "spec.target.asset",
                                "asset " + asset + " does not exist or is outside of your scope")));
            }
            return;
        }
        if (!actor.scope().isAll()) {
            throw new Refusal(
                    ErrorCode.FORBIDDEN,
                    "a configuration for a group may concern every asset, so it is changed only with a scope of all"
                            + " assets; the actor has " + actor.scope());
        }
        if (group != null && !store.groupExists(group)) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the configuration is not valid",
                    List.of(new FieldProblem(
                            "spec.target.group",
                            "group " + group + " does not exist; GET /api/v1/groups lists the groups")));
        }
    }

    private static ConfigurationSpec read(String name, JsonNode json) {
        List<Problem> problems = new ArrayList<>();
        ConfigurationSpec spec = ConfigurationSpec.read(name, json, problems);
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "configuration " + name + " is not valid: " + problems.getFirst(),
                    problems.stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
        return spec;
    }

    private void record(Actor actor, @Nullable Configuration before, @Nullable Configuration after) {
        Configuration any = after != null ? after : java.util.Objects.requireNonNull(before);
        String verb = before == null ? "create" : after == null ? "delete" : "update";
        audit.record(
                actor,
                "configuration." + verb,
                KIND,
                any.name(),
                before == null ? null : before.spec(),
                after == null ? null : after.spec());
        events.append(
                "configuration." + verb + "d",
                "configuration/" + any.name(),
                Map.of("name", any.name(), "target", any.target()));
        String reason = "configuration " + any.name() + " " + verb + "d";
        if (before != null) {
            mark(before, reason);
        }
        if (after != null && (before == null || !after.target().equals(before.target()))) {
            mark(after, reason);
        }
    }

    private void mark(Configuration configuration, String reason) {
        if (configuration.asset() != null) {
            marks.assets(List.of(configuration.asset()), reason);
        } else if (configuration.group() != null) {
            marks.group(configuration.group(), reason);
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
