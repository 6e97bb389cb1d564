package dev.muster.alert.anomaly;

import dev.muster.alert.anomaly.ModelStore.Model;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one condition has learned, by subject: in memory, and stored each hour. What was learned since is learned again from the readings
 * after the time in {@link Entry#until}. A subject that nobody asked about for a day is forgotten.
 */
final class Models<M> {
    private static final Logger LOG = LoggerFactory.getLogger(Models.class);
    private static final Duration SAVE_EVERY = Duration.ofHours(1);
    private static final Duration FORGET_AFTER = Duration.ofDays(1);

    private final ModelStore store;
    private final SeriesRoom room;
    private final String about;
    private final Function<String, M> fresh;
    private final Function<byte[], M> read;
    private final Function<M, byte[]> write;
    private @Nullable Map<String, Entry<M>> entries;
    private Instant savedAt = Instant.EPOCH;

    /** A model with the time before which all is in it. */
    static final class Entry<M> {
        final M model;
        Instant until;
        Instant asked = Instant.EPOCH;
        boolean changed;

        Entry(M model, Instant until) {
            this.model = model;
            this.until = until;
        }
    }

    Models(
            ModelStore store,
            SeriesRoom room,
            String about,
            Function<String, M> fresh,
            Function<byte[], M> read,
            Function<M, byte[]> write) {
        this.store = store;
        this.room = room;
        this.about = about;
        this.fresh = fresh;
        this.read = read;
        this.write = write;
    }

    /** @return null when there is no room for one more */
    @Nullable Entry<M> of(String rule, String subject, Instant now, Instant learnFrom) {
        Map<String, Entry<M>> known = known(rule, now);
        Entry<M> entry = known.get(subject);
        if (entry == null) {
            if (!room.hasFor(rule, known.size())) {
                return null;
            }
            entry = new Entry<>(fresh.apply(subject), learnFrom);
            known.put(subject, entry);
            room.hasFor(rule, known.size());
        }
        entry.asked = now;
        return entry;
    }

    String noRoom() {
        return "is not learned: " + room.most() + " series are learned, the most that anomaly-max-series allows";
    }

    private Map<String, Entry<M>> known(String rule, Instant now) {
        Map<String, Entry<M>> known = entries;
        if (known != null) {
            return known;
        }
        known = new HashMap<>();
        for (Map.Entry<String, Model> stored :
                store.load(rule, about, room.most()).entrySet()) {
            try {
                Entry<M> entry = new Entry<>(
                        read.apply(stored.getValue().state()), stored.getValue().until());
                entry.asked = now;
                known.put(stored.getKey(), entry);
            } catch (IllegalArgumentException foreign) {
                LOG.info(
                        "what rule {} has learned of {} is learned again: {}",
                        rule,
                        stored.getKey(),
                        foreign.getMessage());
            }
        }
        entries = known;
        savedAt = now;
        return known;
    }

    /** Stores what changed when it is time to. */
    void saveWhenDue(String rule, Instant now) {
        if (now.isBefore(savedAt.plus(SAVE_EVERY))) {
            return;
        }
        save(rule, now);
    }

    void save(String rule, Instant now) {
        Map<String, Entry<M>> known = known(rule, now);
        List<String> gone = new ArrayList<>();
        Map<String, Model> changed = new HashMap<>();
        known.forEach((subject, entry) -> {
            if (entry.asked.isBefore(now.minus(FORGET_AFTER))) {
                gone.add(subject);
            } else if (entry.changed) {
                changed.put(subject, new Model(entry.until, write.apply(entry.model)));
            }
        });
        store.save(rule, about, changed, gone);
        gone.forEach(known::remove);
        known.values().forEach(entry -> entry.changed = false);
        savedAt = now;
        room.keepOnly(store.clean());
        room.hasFor(rule, known.size());
    }
}
