package dev.muster.gateway.testing;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.gateway.journal.JournalHealth;
import dev.muster.gateway.journal.JournalReader;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A journal in memory, with an own thread like a real one, that can be told to hold its answers, to be full and to fail. */
public final class MemoryJournal implements Journal {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread made = new Thread(task, "memory-journal");
        made.setDaemon(true);
        return made;
    });
    private final List<JournalEntry> entries = new ArrayList<>();
    private final Queue<Runnable> answers = new ArrayDeque<>();
    private final Queue<Runnable> waitingForRoom = new ArrayDeque<>();
    private boolean holding;
    private int room = Integer.MAX_VALUE;
    private @Nullable JournalFailure failure;

    @Override
    public synchronized boolean offer(
            long receivedAt,
            AssetId asset,
            EntryKind kind,
            String subtopic,
            PayloadFormat format,
            byte[] payload,
            @Nullable Uplink decoded,
            Ack ack) {
        if (room <= 0) {
            return false;
        }
        room--;
        JournalFailure fails = failure;
        if (fails == null) {
            long offset = entries.size();
            entries.add(new JournalEntry(offset, receivedAt, asset, kind, decoded, payload));
            answer(() -> ack.durable(offset));
        } else {
            answer(() -> ack.failed(fails));
        }
        return true;
    }

    private void answer(Runnable answer) {
        if (holding) {
            answers.add(answer);
        } else {
            thread.execute(answer);
        }
    }

    @Override
    public synchronized void whenRoom(Runnable task) {
        if (room > 0) {
            thread.execute(task);
        } else {
            waitingForRoom.add(task);
        }
    }

    /** From now on nothing is acknowledged, until {@link #answerHeld}. */
    public synchronized void holdAnswers() {
        holding = true;
    }

    public synchronized void answerHeld() {
        holding = false;
        answers.forEach(thread::execute);
        answers.clear();
    }

    public synchronized void setRoom(int entries) {
        room = entries;
        if (room > 0) {
            waitingForRoom.forEach(thread::execute);
            waitingForRoom.clear();
        }
    }

    public synchronized void failWith(JournalFailure.@Nullable Reason reason) {
        failure = reason == null ? null : new JournalFailure(reason, "the test says so");
    }

    public synchronized List<JournalEntry> entries() {
        return List.copyOf(entries);
    }

    public List<JournalEntry> entries(Predicate<JournalEntry> which) {
        return entries().stream().filter(which).toList();
    }

    public List<Uplink> uplinks() {
        return entries().stream()
                .filter(entry -> entry.uplink() != null)
                .map(JournalEntry::requireUplink)
                .toList();
    }

    @Override
    public JournalReader reader(String consumer) {
        throw new UnsupportedOperationException("the memory journal has no readers");
    }

    @Override
    public void forget(String consumer) {
        throw new UnsupportedOperationException("the memory journal has no readers");
    }

    @Override
    public synchronized JournalHealth health() {
        return new JournalHealth(null, 0, entries.size(), 0, Long.MAX_VALUE, answers.size(), Map.of());
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the memory journal's thread did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
