package dev.muster.gateway.ddi;

import dev.muster.gateway.port.Deployments.Polled;
import dev.muster.protocol.AssetId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What polls are answered, kept until the asset is nudged or some minutes are over: a nudge reaches the server that gave the
 * order, others notice when the time is over. Before it is over, answers that assets still ask for are compared with the store, many
 * at once. Bounded; the one asked for longest ago is forgotten.
 */
final class Answers {
    static final long KEPT_MILLIS = 300_000;
    /** From this age on an answer is to be compared: time enough for all of them. */
    static final long COMPARED_MILLIS = 180_000;
    /** An asset that has not asked for so long is waited for: its next poll is compared by itself. */
    static final long ASKED_FOR_MILLIS = 900_000;

    private static final int REMEMBERED = 250_000;

    /** In the order in which they were asked for. */
    private final Map<AssetId, Asked> entries = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<AssetId, Asked> eldest) {
            if (size() <= REMEMBERED) {
                return false;
            }
            byAge.remove(eldest.getKey());
            return true;
        }
    };

    /** The same in the order of their age. */
    private final Map<AssetId, Asked> byAge = new LinkedHashMap<>();

    /** Asked for, and perhaps answered. */
    static final class Asked {
        private long at;
        private long askedFor;
        private @Nullable Polled answer;

        private Asked(long at) {
            this.at = at;
            this.askedFor = at;
        }
    }

    synchronized Optional<Polled> find(AssetId asset, long now) {
        Asked entry = entries.get(asset);
        if (entry == null || now - entry.at > KEPT_MILLIS || isOver(entry.answer, now)) {
            return Optional.empty();
        }
        entry.askedFor = now;
        return Optional.ofNullable(entry.answer);
    }

    private static boolean isOver(@Nullable Polled answer, long now) {
        return answer != null && answer.until() != null && now >= answer.until().toEpochMilli();
    }

    /** Before the store is asked: what is nudged from now on is not kept. */
    synchronized Asked ask(AssetId asset, long now) {
        Asked entry = new Asked(now);
        entries.put(asset, entry);
        byAge.remove(asset);
        byAge.put(asset, entry);
        return entry;
    }

    synchronized void keep(AssetId asset, Asked asked, Polled answer) {
        if (entries.get(asset) == asked) {
            asked.answer = answer;
        }
    }

    synchronized int size() {
        return entries.size();
    }

    synchronized void forget(AssetId asset) {
        entries.remove(asset);
        byAge.remove(asset);
    }

    /** The oldest that are to be compared with the store; to be told by {@link #compared}. */
    synchronized Map<AssetId, Asked> toCompare(long now, int most) {
        Map<AssetId, Asked> due = new LinkedHashMap<>();
        Iterator<Map.Entry<AssetId, Asked>> oldest = byAge.entrySet().iterator();
        while (due.size() < most && oldest.hasNext()) {
            Map.Entry<AssetId, Asked> next = oldest.next();
            Asked asked = next.getValue();
            if (now - asked.at < COMPARED_MILLIS) {
                break;
            }
            if (asked.answer != null && now - asked.at <= KEPT_MILLIS && now - asked.askedFor <= ASKED_FOR_MILLIS) {
                due.put(next.getKey(), asked);
            } else {
                oldest.remove(); // over, or nobody asks for it
            }
        }
        return due;
    }

    /**
     * @param at before the store was read
     * @param found what the store says; null when that takes more than to read it
     */
    synchronized void compared(AssetId asset, Asked asked, long at, @Nullable Polled found) {
        if (entries.get(asset) != asked) {
            return; // nudged meanwhile
        }
        byAge.remove(asset);
        if (found == null || !found.equals(asked.answer)) {
            entries.remove(asset);
            return;
        }
        asked.at = at;
        byAge.put(asset, asked);
    }
}
