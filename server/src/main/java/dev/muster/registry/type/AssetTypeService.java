package dev.muster.registry.type;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.registry.document.Problem;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Changes asset types: rules, audit, event, in one transaction (the caller's, if any). */
@Component
public class AssetTypeService {
    private static final String KIND = "asset_type";

    private final AssetTypeStore store;
    private final AssetTypes types;
    private final AssetTypeReader reader;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final TransactionTemplate transaction;

    AssetTypeService(
            AssetTypeStore store,
            AssetTypes types,
            AssetTypeReader reader,
            AuditLog audit,
            EventLog events,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.types = types;
        this.reader = reader;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** The type as the current transaction sees it. */
    public Optional<StoredAssetType> find(String name) {
        return store.find(name);
    }

    /**
     * Creates or replaces a type.
     *
     * @param expectedVersion {@code null} for any
     * @param managers who owns which field from now on
     */
    public void save(
            Actor actor, String name, JsonNode spec, @Nullable Long expectedVersion, Map<String, String> managers) {
        AssetType type = read(name, spec);
        transaction.executeWithoutResult(status -> {
            Optional<StoredAssetType> before = store.lock(name);
            checkVersion(name, before, expectedVersion);
            Instant now = now();
            StoredAssetType after = new StoredAssetType(
                    type,
                    spec,
                    before.map(StoredAssetType::shippedVersion).orElse(null),
                    before.map(old -> old.shippedVersion() != null).orElse(false),
                    managers,
                    before.map(StoredAssetType::created).orElse(now),
                    now,
                    store.nextVersion());
            store.save(after);
            record(actor, name, before.map(StoredAssetType::spec).orElse(null), spec);
        });
    }

    /** Loads what is shipped, when it is new or newer and nobody changed it here. @return whether it was loaded */
    boolean ship(String name, JsonNode spec, int version) {
        AssetType type = read(name, spec);
        return Boolean.TRUE.equals(transaction.execute(status -> {
            Optional<StoredAssetType> before = store.lock(name);
            if (before.isPresent() && !isOlderAndUnchanged(before.get(), version)) {
                return false;
            }
            Instant now = now();
            store.save(new StoredAssetType(
                    type,
                    spec,
                    version,
                    false,
                    Map.of(),
                    before.map(StoredAssetType::created).orElse(now),
                    now,
                    store.nextVersion()));
            record(Actor.SYSTEM, name, before.map(StoredAssetType::spec).orElse(null), spec);
            return true;
        }));
    }

    public void delete(Actor actor, String name, @Nullable Long expectedVersion) {
        try {
            transaction.executeWithoutResult(status -> {
                StoredAssetType before = store.lock(name).orElseThrow(() -> notFound(name));
                checkVersion(name, Optional.of(before), expectedVersion);
                requireUnused(name);
                store.delete(name);
                record(actor, name, before.spec(), null);
            });
        } catch (DataIntegrityViolationException usedSince) {
            requireUnused(name);
            throw usedSince;
        }
    }

    static Refusal notFound(String name) {
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "asset type " + (AssetTypeSpec.NAME.matcher(name).matches() ? name : "of that name")
                        + " does not exist; GET /api/v1/asset-types lists the types");
    }

    private static boolean isOlderAndUnchanged(StoredAssetType stored, int version) {
        Integer shipped = stored.shippedVersion();
        return shipped != null && shipped < version && !stored.modified();
    }

    private AssetType read(String name, JsonNode spec) {
        List<Problem> problems = new ArrayList<>();
        AssetType type = reader.read(name, spec, problems);
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "asset type " + name + " is not valid: " + problems.getFirst(),
                    problems.stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
        return type;
    }

    private void requireUnused(String name) {
        long count = store.assetsOf(name);
        if (count > 0) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "asset type " + name + " cannot be deleted: " + count
                            + " assets are of it; give them another type or delete them first");
        }
    }

    private static void checkVersion(String name, Optional<StoredAssetType> before, @Nullable Long expected) {
        Long found = before.map(StoredAssetType::resourceVersion).orElse(null);
        if (expected != null && !expected.equals(found)) {
            throw new Refusal(
                    ErrorCode.PRECONDITION_FAILED,
                    "asset type " + name + " has version " + found + ", not " + expected
                            + "; read it again and repeat the change");
        }
    }

    private void record(Actor actor, String name, @Nullable JsonNode before, @Nullable JsonNode after) {
        String verb = before == null ? "create" : after == null ? "delete" : "update";
        audit.record(actor, "asset_type." + verb, KIND, name, before, after);
        events.append("asset_type." + verb + "d", "asset_type/" + name, Map.of("name", name));
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                types.refresh();
            }
        });
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
