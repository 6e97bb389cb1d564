package dev.muster.gateway.uplink;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The entries of one request on their way to the disk; tells once how it went with all. */
public final class Deposit implements Journal.Ack {
    /** How it went, worst first. */
    public enum Outcome {
        FAILED,
        DISK_FULL,
        NO_ROOM,
        STORED
    }

    /** @param uplink null where the payload is read by its consumer alone */
    public record Item(
            EntryKind kind,
            String subtopic,
            PayloadFormat format,
            byte[] payload,
            @Nullable Uplink uplink) {}

    private final AtomicInteger left;
    private final Consumer<Outcome> told;
    private volatile Outcome worst = Outcome.STORED;

    private Deposit(int entries, Consumer<Outcome> told) {
        this.left = new AtomicInteger(entries + 1);
        this.told = told;
    }

    /**
     * @param told from any thread, must not block; when some had no room the others may have been stored, which is harmless:
     *     whoever sends all of it again with {@code ts} changes nothing
     */
    public static void offer(
            Journal journal, long receivedAt, AssetId asset, List<Item> items, Consumer<Outcome> told) {
        var deposit = new Deposit(items.size(), told);
        int taken = 0;
        for (Item item : items) {
            if (!journal.offer(
                    receivedAt,
                    asset,
                    item.kind(),
                    item.subtopic(),
                    item.format(),
                    item.payload(),
                    item.uplink(),
                    deposit)) {
                deposit.note(Outcome.NO_ROOM);
                break;
            }
            taken++;
        }
        deposit.settled(items.size() - taken + 1);
    }

    @Override
    public void durable(long offset) {
        settled(1);
    }

    @Override
    public void failed(JournalFailure failure) {
        note(failure.reason() == JournalFailure.Reason.DISK_FULL ? Outcome.DISK_FULL : Outcome.FAILED);
        settled(1);
    }

    private synchronized void note(Outcome outcome) {
        if (outcome.compareTo(worst) < 0) {
            worst = outcome;
        }
    }

    private void settled(int entries) {
        if (left.addAndGet(-entries) == 0) {
            told.accept(worst);
        }
    }
}
