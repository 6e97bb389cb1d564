package dev.muster.simulator.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.simulator.client.Outbox.Sent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutboxTest {

    @Test
    void sendsNoMoreThanTheWindow() {
        Outbox outbox = filled(3, 100, 10);
        assertThat(drain(outbox, 65_535)).hasSize(3);
        assertThat(drain(filled(3, 100, 10), 2)).hasSize(2);
    }

    @Test
    void resendsInOrderWhatALostSessionLeft() {
        Outbox outbox = filled(4, 100, 8);
        List<Sent> first = drain(outbox, 65_535);
        outbox.settle(first.get(1).packetId());
        outbox.sessionLost();
        assertThat(names(drain(outbox, 65_535))).containsExactly("m0", "m2", "m3", "m4");
    }

    @Test
    void givesUpTheOldestThatWasNotSentWhenFull() {
        Outbox outbox = filled(2, 4, 4);
        drain(outbox, 65_535);
        assertThat(topic(outbox.offer(message("late")))).isEqualTo("m2");
        assertThat(outbox.size()).isEqualTo(4);
    }

    @Test
    void givesUpTheNewOneWhenAllAreInFlight() {
        Outbox outbox = filled(4, 4, 4);
        drain(outbox, 65_535);
        assertThat(topic(outbox.offer(message("late")))).isEqualTo("late");
    }

    @Test
    void losesAndRepeatsNothingWhateverHappensToItsSessions() {
        long seed = 77;
        SplittableRandom random = new SplittableRandom(seed);
        Outbox outbox = new Outbox(5, 10_000);
        List<String> offered = new ArrayList<>();
        List<String> settled = new ArrayList<>();
        List<Sent> inFlight = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            switch (random.nextInt(8)) {
                case 0, 1 -> {
                    offered.add("m" + offered.size());
                    outbox.offer(message(offered.getLast()));
                }
                case 2 -> {
                    if (random.nextInt(20) == 0) {
                        outbox.sessionLost();
                        inFlight.clear();
                    }
                }
                case 3, 4 -> {
                    if (!inFlight.isEmpty()) {
                        Sent sent = outbox.settle(inFlight.removeFirst().packetId());
                        settled.add(Objects.requireNonNull(sent).message().topic());
                    }
                }
                default -> inFlight.addAll(drain(outbox, 65_535));
            }
        }
        outbox.sessionLost();
        List<String> rest = new ArrayList<>(settled);
        while (!outbox.isEmpty()) {
            for (Sent sent : drain(outbox, 65_535)) {
                outbox.settle(sent.packetId());
                rest.add(sent.message().topic());
            }
        }
        assertThat(rest).as("seed %d", seed).isEqualTo(offered);
    }

    private static Outbox filled(int window, int capacity, int messages) {
        Outbox outbox = new Outbox(window, capacity);
        for (int i = 0; i < messages; i++) {
            outbox.offer(message("m" + i));
        }
        return outbox;
    }

    private static List<Sent> drain(Outbox outbox, int receiveMaximum) {
        List<Sent> sent = new ArrayList<>();
        Sent next;
        while ((next = outbox.next(receiveMaximum, 0)) != null) {
            sent.add(next);
        }
        return sent;
    }

    private static List<String> names(List<Sent> sent) {
        return sent.stream().map(one -> one.message().topic()).toList();
    }

    private static @Nullable String topic(@Nullable Message message) {
        return message == null ? null : message.topic();
    }

    private static Message message(String name) {
        return Message.json(name, new byte[0]);
    }
}
