package dev.muster.registry.type;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * The asset types, from memory: quick enough to be asked for every message.
 *
 * <p>A change made through this server is seen at once, one made through another within {@link #MAX_AGE}. When the database
 * cannot be read the last known types stay, so that telemetry goes on.
 */
@Component
public class AssetTypes {
    static final Duration MAX_AGE = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(AssetTypes.class);

    private record Known(String state, Map<String, StoredAssetType> byName, long readAtNanos) {}

    private final AssetTypeStore store;
    private final AtomicBoolean reading = new AtomicBoolean();
    private volatile Known known = new Known("", Map.of(), System.nanoTime() - MAX_AGE.toNanos());

    AssetTypes(AssetTypeStore store) {
        this.store = store;
    }

    public Optional<AssetType> find(String name) {
        return findStored(name).map(StoredAssetType::type);
    }

    public Optional<StoredAssetType> findStored(String name) {
        return Optional.ofNullable(fresh().byName().get(name));
    }

    /** Whether there is such a type, one of the current transaction included. */
    public boolean exists(String name) {
        return find(name).isPresent() || store.find(name).isPresent();
    }

    /** In the order of their names. */
    public Collection<StoredAssetType> all() {
        return fresh().byName().values();
    }

    /** Reads again now; to be called when a change is committed. */
    public void refresh() {
        synchronized (this) {
            known = read(known);
        }
    }

    private Known fresh() {
        Known current = known;
        boolean old = System.nanoTime() - current.readAtNanos() >= MAX_AGE.toNanos();
        if (!old) {
            return current;
        }
        if (current.state().isEmpty()) {
            refresh();
        } else if (reading.compareAndSet(false, true)) {
            try {
                refresh();
            } catch (DataAccessException unreachable) {
                known = new Known(current.state(), current.byName(), System.nanoTime());
                LOG.warn(
                        "asset types cannot be read, the {} known ones stay: {}",
                        current.byName().size(),
                        unreachable.getMostSpecificCause().getMessage());
            } finally {
                reading.set(false);
            }
        }
        return known;
    }

    private Known read(Known before) {
        String state = store.state();
        long now = System.nanoTime();
        if (state.equals(before.state())) {
            return new Known(state, before.byName(), now);
        }
        Map<String, StoredAssetType> byName = new TreeMap<>();
        store.all().forEach(stored -> byName.put(stored.type().name(), stored));
        return new Known(state, byName, now);
    }
}
