package dev.muster.gateway.ddi;

import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Exchange;
import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.UplinkCodec;
import java.time.Clock;

/** Puts what an asset's words mean into the journal, and answers when it is on disk. */
final class Reports {
    private static final int RETRY_SECONDS = 5;

    private final Journal journal;
    private final Clock clock;

    Reports(Journal journal, Clock clock) {
        this.journal = journal;
        this.clock = clock;
    }

    /** From any thread. @param answer once it is on disk */
    void store(Exchange exchange, AssetId asset, StateReport report, Answer answer) {
        boolean taken = journal.offer(
                clock.millis(),
                asset,
                EntryKind.STATE_REPORTED,
                "",
                PayloadFormat.JSON,
                UplinkCodec.encode(report, PayloadFormat.JSON),
                report,
                new Journal.Ack() {
                    @Override
                    public void durable(long offset) {
                        exchange.answerLater(answer);
                    }

                    @Override
                    public void failed(JournalFailure failure) {
                        exchange.answerLater(unavailable());
                    }
                });
        if (!taken) {
            exchange.answerLater(unavailable());
        }
    }

    /** The client says it again, and then the report is made again. */
    private static Answer unavailable() {
        return Answer.later(503, "unavailable", "it could not be written to disk", RETRY_SECONDS);
    }
}
