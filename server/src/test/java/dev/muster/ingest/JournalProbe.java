package dev.muster.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.UplinkCodec;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Says things to a journal as the device plane would. */
public final class JournalProbe {
    private JournalProbe() {}

    /** Returns when it is acknowledged. */
    public static long say(Journal journal, String asset, EntryKind kind, String payload) throws Exception {
        return offer(journal, asset, kind, payload).get(60, TimeUnit.SECONDS);
    }

    /** Completes with the offset when it is acknowledged. */
    public static CompletableFuture<Long> offer(Journal journal, String asset, EntryKind kind, String payload)
            throws MalformedPayloadException {
        return offer(journal, System.currentTimeMillis(), asset, kind, payload);
    }

    /** The same of something received at another time. */
    public static CompletableFuture<Long> offer(
            Journal journal, long receivedAt, String asset, EntryKind kind, String payload)
            throws MalformedPayloadException {
        CompletableFuture<Long> durable = new CompletableFuture<>();
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        var uplinkKind = kind.uplinkKind();
        boolean taken = journal.offer(
                receivedAt,
                new AssetId(asset),
                kind,
                "",
                PayloadFormat.JSON,
                bytes,
                uplinkKind == null ? null : UplinkCodec.decode(uplinkKind, "", PayloadFormat.JSON, bytes),
                new Journal.Ack() {
                    @Override
                    public void durable(long offset) {
                        durable.complete(offset);
                    }

                    @Override
                    public void failed(JournalFailure failure) {
                        durable.completeExceptionally(new IllegalStateException(failure.message()));
                    }
                });
        assertThat(taken).isTrue();
        return durable;
    }
}
