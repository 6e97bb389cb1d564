package dev.muster.gateway.uplink;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Exchange;
import dev.muster.gateway.https.WorkPool;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.limit.ComeBack;
import dev.muster.gateway.packed.ContentCoding;
import dev.muster.gateway.packed.UnpackException;
import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.http.HttpHeaders;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The journal as requests see it. The way of a request: room in the journal → body within its bound → unpacked within its
 * bound → read by its route → {@link Deposit} → answered when it is on disk.
 */
public final class Vault {
    private static final int MAX_WAIT_SECONDS = 5;
    private static final int DISK_FULL_WAIT_SECONDS = 30;
    private static final int WAITING = 1024;

    private final Journal journal;
    private final Clock clock;
    private final DevicePlaneConfig.Bodies bounds;
    private final WorkPool pool;
    private final MeterRegistry meters;
    /** Until the journal has room again, requests are refused before their bodies are read. */
    private volatile boolean full;

    public Vault(Journal journal, DevicePlaneConfig config, MeterRegistry meters, Clock clock) {
        this.journal = journal;
        this.clock = clock;
        this.bounds = config.https().bodies();
        this.pool = new WorkPool("uplink", Math.max(2, config.eventLoops()), WAITING);
        this.meters = meters;
    }

    /** Makes answers; what a way in says about refusals differs. */
    public interface Wording {
        Wording PROBLEM = Answer::refused;

        /** @param code stable, for programs */
        Answer refused(int status, String code, String message);
    }

    /** What a route makes of a body. */
    public interface Reading {
        /** On a virtual thread; ends in {@link #store} or in an answer. */
        void read(byte[] body);
    }

    /** @param coding Content-Encoding of the body, to be undone */
    public void receive(Exchange exchange, Wording wording, Reading reading) {
        ContentCoding coding =
                ContentCoding.of(exchange.header(HttpHeaders.CONTENT_ENCODING)).orElse(null);
        if (coding == null) {
            exchange.answer(wording.refused(
                            415,
                            "unsupported_media_type",
                            "the content encoding is not known, " + ContentCoding.NAMES + " are")
                    .with("Accept-Encoding", ContentCoding.NAMES));
            return;
        }
        receiveAs(exchange, wording, (body, most) -> coding.unpack(body, most), reading);
    }

    /** Undoes what was done to a body. */
    public interface Unpacking {
        byte[] unpack(byte[] body, int most) throws UnpackException;
    }

    public void receiveAs(Exchange exchange, Wording wording, Unpacking unpacking, Reading reading) {
        if (full) {
            exchange.answer(comeBack(wording, Deposit.Outcome.NO_ROOM));
            return;
        }
        exchange.body(
                bounds.uplink(),
                body -> exchange.run(pool, () -> {
                    try {
                        reading.read(unpacking.unpack(body, bounds.unpacked()));
                    } catch (UnpackException e) {
                        exchange.answerLater(
                                e.isTooLarge()
                                        ? wording.refused(413, "too_large", e.getMessage())
                                        : wording.refused(400, "malformed", e.getMessage()));
                    }
                }));
    }

    /** From any thread. @param done what is answered when all is on disk */
    public void store(Exchange exchange, Wording wording, AssetId asset, List<Deposit.Item> items, Answer done) {
        items.forEach(item -> count("muster.uplinks", item.kind().name()));
        Deposit.offer(journal, clock.millis(), asset, items, outcome -> {
            if (outcome == Deposit.Outcome.STORED) {
                exchange.answerLater(done);
            } else {
                if (outcome == Deposit.Outcome.NO_ROOM) {
                    waitForRoom();
                }
                exchange.answerLater(comeBack(wording, outcome));
            }
        });
    }

    private void waitForRoom() {
        full = true;
        journal.whenRoom(() -> full = false);
    }

    private static Answer comeBack(Wording wording, Deposit.Outcome outcome) {
        // Not all at once.
        int seconds = outcome == Deposit.Outcome.DISK_FULL
                ? ComeBack.after(DISK_FULL_WAIT_SECONDS)
                : ThreadLocalRandom.current().nextInt(1, MAX_WAIT_SECONDS);
        String why = switch (outcome) {
            case NO_ROOM -> "the server has no room for it at this moment";
            case DISK_FULL -> "the server's disk is full";
            case FAILED -> "it could not be stored";
            case STORED -> throw new IllegalArgumentException("what is stored is not refused");
        };
        return wording.refused(503, "unavailable", why + ", send it again in " + seconds + " s")
                .with("Retry-After", Integer.toString(seconds));
    }

    /** A body or a part of it that its route could not read. */
    public void malformed(String kind) {
        count("muster.uplinks.malformed", kind);
    }

    private void count(String name, String kind) {
        meters.counter(name, "kind", kind.toLowerCase(Locale.ROOT)).increment();
    }
}
