package dev.muster.gateway.ddi;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Polls as signs of life in the journal: the first opens a session, later ones are heartbeats. A poll promises nothing, so it does
 * not wait for the disk, and one that the journal has no room for is left out.
 */
final class SignsOfLife {
    /** Between two entries of one asset, who sleeps for half a minute at least. */
    static final long PAUSE_MILLIS = 15_000;
    /** A session is opened again from time to time, for an asset that was deleted and registered meanwhile. */
    static final long SESSION_MILLIS = 3_600_000;

    private static final int REMEMBERED = 500_000;
    private static final byte[] NOTHING = new byte[0];
    private static final Uplink.Heartbeat BARE = new Uplink.Heartbeat(null, null, Map.of());

    private final Journal journal;
    /** Another one in each run of the server, so that no session of an earlier run is taken for it. */
    private final String run = "ddi-" + UUID.randomUUID();

    private final Map<AssetId, Heard> heard = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<AssetId, Heard> eldest) {
            return size() > REMEMBERED;
        }
    };

    private static final class Heard {
        private long opened;
        private long last;
    }

    SignsOfLife(Journal journal) {
        this.journal = journal;
    }

    /** On the event loop. */
    void of(AssetId asset, long now) {
        Heard known = heard.computeIfAbsent(asset, unseen -> new Heard());
        if (now - known.opened >= SESSION_MILLIS) {
            if (offer(now, asset, EntryKind.SESSION_OPENED, run.getBytes(StandardCharsets.UTF_8))) {
                known.opened = now;
                known.last = now;
            }
        } else if (now - known.last >= PAUSE_MILLIS && offer(now, asset, EntryKind.HEARTBEAT, NOTHING)) {
            known.last = now;
        }
    }

    private boolean offer(long now, AssetId asset, EntryKind kind, byte[] payload) {
        Uplink decoded = kind == EntryKind.HEARTBEAT ? BARE : null;
        return journal.offer(now, asset, kind, "", PayloadFormat.JSON, payload, decoded, Unheard.INSTANCE);
    }

    /** Nobody waits. */
    private enum Unheard implements Journal.Ack {
        INSTANCE;

        @Override
        public void durable(long offset) {
            // the next poll is another sign
        }

        @Override
        public void failed(JournalFailure failure) {
            // the next poll is another sign
        }
    }
}
