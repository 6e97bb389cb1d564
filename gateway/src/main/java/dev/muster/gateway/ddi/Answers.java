package dev.muster.gateway.ddi;

import dev.muster.protocol.AssetId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What polls are answered, kept until the asset is nudged or some minutes are over: a nudge reaches the server that gave the
 * order, others notice when the time is over. Bounded; the one asked for longest ago is forgotten.
 */
final class Answers {
    static final long KEPT_MILLIS = 300_000;
    private static final int REMEMBERED = 250_000;

    private final Map<AssetId, Asked> entries = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<AssetId, Asked> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Asked for, and perhaps answered. */
    static final class Asked {
        private final long at;
        private volatile @Nullable PollAnswer answer;

        private Asked(long at) {
            this.at = at;
        }
    }

    synchronized Optional<PollAnswer> find(AssetId asset, long now) {
        Asked entry = entries.get(asset);
        return entry == null || now - entry.at > KEPT_MILLIS ? Optional.empty() : Optional.ofNullable(entry.answer);
    }

    /** Before the store is asked: what is nudged from now on is not kept. */
    synchronized Asked ask(AssetId asset, long now) {
        Asked entry = new Asked(now);
        entries.put(asset, entry);
        return entry;
    }

    synchronized void keep(AssetId asset, Asked asked, PollAnswer answer) {
        if (entries.get(asset) == asked) {
            asked.answer = answer;
        }
    }

    synchronized int size() {
        return entries.size();
    }

    synchronized void forget(AssetId asset) {
        entries.remove(asset);
    }
}
