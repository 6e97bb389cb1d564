package dev.muster.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.journal.JournalFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PubAcksTest {
    private static final int MESSAGES = 200_000;
    private static final int END = -1;

    @Test
    void everyMessageIsAnsweredOnceInOrderWithItsOwnOutcomeThoughAnotherThreadTellsIt() throws Exception {
        long seed = System.nanoTime();
        System.out.println("PubAcksTest seed " + seed);
        Random random = new Random(seed);
        var acks = new PubAcks(48, () -> {});
        var offered = new LinkedBlockingQueue<Integer>();
        Thread journal = Thread.ofPlatform().start(() -> tell(acks, offered));
        var expected = new ArrayList<String>();
        var emitted = new Emitted();
        for (int i = 0; i < MESSAGES; i++) {
            while (acks.isFull()) {
                acks.drainTo(emitted);
                Thread.onSpinWait();
            }
            int packetId = 1 + i % 65_535;
            if (random.nextInt(5) == 0) {
                acks.refuse(packetId, ReasonCode.PAYLOAD_FORMAT_INVALID, null);
                expected.add("refused " + packetId);
            } else {
                boolean fails = random.nextInt(7) == 0;
                offered.add(fails ? 1 : 0);
                acks.offered(packetId, i);
                expected.add((fails ? "failed " : "acknowledged ") + packetId);
            }
            if (random.nextBoolean()) {
                acks.drainTo(emitted);
            }
        }
        offered.add(END);
        journal.join();
        acks.drainTo(emitted);
        assertThat(emitted.said).as("seed %d", seed).isEqualTo(expected);
        assertThat(acks.isEmpty()).isTrue();
    }

    private static void tell(PubAcks acks, LinkedBlockingQueue<Integer> offered) {
        try {
            for (int next = offered.take(); next != END; next = offered.take()) {
                if (next == 0) {
                    acks.durable(0);
                } else {
                    acks.failed(new JournalFailure(JournalFailure.Reason.IO_ERROR, "told so"));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void moreThanItsCapacityIsAFaultOfTheCaller() {
        var acks = new PubAcks(1, () -> {});
        acks.offered(7, 0);
        assertThat(acks.isFull()).isTrue();
        assertThatThrownBy(() -> acks.offered(8, 0)).isInstanceOf(IllegalStateException.class);
    }

    private static final class Emitted implements PubAcks.Emitter {
        private final List<String> said = new ArrayList<>();

        @Override
        public void acknowledged(int packetId, long arrivedNanos) {
            said.add("acknowledged " + packetId);
        }

        @Override
        public void refused(int packetId, ReasonCode code, @Nullable String message) {
            said.add("refused " + packetId);
        }

        @Override
        public void failed(int packetId, JournalFailure.Reason reason) {
            said.add("failed " + packetId);
        }
    }
}
