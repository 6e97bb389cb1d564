package dev.muster.telemetry.intake;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetListener;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.type.AssetType;
import dev.muster.registry.type.AssetTypes;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.StoreUnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Remembers the type of every asset, so that telemetry is stored while the database is away. All are read at the start;
 * changes through this server are followed.
 */
@Component
public class RegistrySchemas implements AssetSchemas, AssetListener {
    /** How long an asset that the registry did not know is not asked for again. */
    private static final long ABSENT_NANOS = 5_000_000_000L;

    private static final int MAX_ABSENT = 10_000;
    private static final Logger log = LoggerFactory.getLogger(RegistrySchemas.class);

    private final AssetStore assets;
    private final AssetTypes types;
    private final Retention standard;
    private final Map<AssetId, String> typeOf = new ConcurrentHashMap<>();
    private final Map<AssetId, Long> absent = new ConcurrentHashMap<>();
    private final Map<String, Mapped> schemas = new ConcurrentHashMap<>();

    private record Mapped(AssetType source, TypeSchema schema) {}

    public RegistrySchemas(AssetStore assets, AssetTypes types, Retention standard) {
        this.standard = standard;
        this.assets = assets;
        this.types = types;
    }

    /** To be called once, before messages come. */
    public void readAll() {
        assets.forEachType(this::remember);
    }

    @Override
    public Optional<TypeSchema> of(AssetId asset) {
        try {
            String type = typeOf.get(asset);
            if (type == null) {
                type = ask(asset);
            }
            return type == null ? Optional.empty() : ofType(type);
        } catch (DataAccessException | CannotCreateTransactionException e) {
            throw new StoreUnavailableException(
                    "the type of asset " + asset + " is not remembered, and the database does not answer", e);
        }
    }

    /** Of all types that there are. */
    public List<TypeSchema> all() {
        return types.all().stream()
                .flatMap(stored -> ofType(stored.type().name()).stream())
                .toList();
    }

    public Optional<TypeSchema> ofType(String type) {
        Optional<AssetType> found = types.find(type);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        AssetType source = found.get();
        Mapped mapped = schemas.get(type);
        if (mapped == null || mapped.source() != source) {
            mapped = new Mapped(source, schema(source));
            schemas.put(type, mapped);
        }
        return Optional.of(mapped.schema());
    }

    private @Nullable String ask(AssetId asset) {
        Long since = absent.get(asset);
        if (since != null && System.nanoTime() - since < ABSENT_NANOS) {
            return null;
        }
        Optional<Asset> found = assets.find(asset);
        if (found.isPresent()) {
            remember(found.get());
            return found.get().type();
        }
        if (absent.size() >= MAX_ABSENT) {
            absent.clear();
        }
        absent.put(asset, System.nanoTime());
        return null;
    }

    private void remember(Asset asset) {
        remember(asset.id(), asset.type());
    }

    private void remember(AssetId asset, String type) {
        typeOf.put(asset.shared(), type);
        absent.remove(asset);
    }

    private TypeSchema schema(AssetType type) {
        Map<String, TypeSchema.Metric> metrics = new HashMap<>();
        type.telemetry().metrics().forEach((name, metric) -> metrics.put(name, metric(metric)));
        return new TypeSchema(
                type.name(),
                metrics,
                type.telemetry().unknownMetricsLimit(),
                type.heartbeat().ttl(),
                new Retention(
                        days(type.retention().telemetry(), standard.telemetryDays()),
                        days(type.retention().positions(), standard.positionDays()),
                        days(type.retention().events(), standard.eventDays()),
                        days(type.retention().logs(), standard.logDays()),
                        days(type.retention().minutes(), standard.minuteDays()),
                        days(type.retention().hours(), standard.hourDays())),
                type.logShares());
    }

    private static int days(@Nullable Duration said, int standard) {
        return said == null ? standard : (int) said.toDays();
    }

    private static TypeSchema.Metric metric(AssetType.Metric metric) {
        return switch (metric.kind()) {
            case NUMBER -> new TypeSchema.Metric(MetricKind.NUMBER, false, metric.min(), metric.max(), metric.unit());
            case INTEGER -> new TypeSchema.Metric(MetricKind.NUMBER, true, metric.min(), metric.max(), metric.unit());
            case BOOLEAN -> new TypeSchema.Metric(MetricKind.BOOLEAN, false, null, null, "");
            case TEXT -> new TypeSchema.Metric(MetricKind.TEXT, false, null, null, "");
        };
    }

    @Override
    public void beforeChange() {}

    @Override
    public void changed(List<Asset> changed) {
        afterCommit(() -> changed.forEach(this::remember));
    }

    /** An import: types are read again, piece by piece, while those known serve on. */
    @Override
    public void changedMany() {
        afterCommit(() -> Thread.ofVirtual().name("asset-types-again").start(() -> {
            try {
                readAll();
            } catch (DataAccessException | CannotCreateTransactionException e) {
                log.warn("types of imported assets are read one by one, the database did not answer", e);
                typeOf.clear();
            }
        }));
    }

    @Override
    public void deleted(AssetId asset) {
        afterCommit(() -> typeOf.remove(asset));
    }

    private static void afterCommit(Runnable follow) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            follow.run();
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                follow.run();
            }
        });
    }
}
