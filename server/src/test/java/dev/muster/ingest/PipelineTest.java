package dev.muster.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalConfig;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.gateway.journal.LocalJournal;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.telemetry.store.StoreUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final PipelineConfig QUICK =
            new PipelineConfig(1_000, 1 << 20, Duration.ofMillis(5), 3, Duration.ofMillis(1), Duration.ofMillis(20));

    @TempDir
    Path folder = Path.of(".");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private Journal journal = unset();
    private DeadLetters deadLetters = unset();

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before every test
    private static <T> T unset() {
        return (T) null;
    }

    @BeforeEach
    void open() throws Exception {
        journal = LocalJournal.open(
                JournalConfig.in(folder.resolve("journal")).withConsumers(Set.of("one", "two")), meters);
        deadLetters = new DeadLetters(folder.resolve("dead"), DeadLetters.MAX_FILE_BYTES);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    /** Remembers offsets; fails as it is told. */
    private static class Remembering implements Consumer {
        private final String name;
        final Set<Long> taken = Collections.synchronizedSet(new TreeSet<>());
        volatile boolean away;
        volatile Set<Long> poison = Set.of();
        volatile int calls;

        Remembering(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void accept(List<JournalEntry> batch) {
            calls++;
            if (away) {
                throw new StoreUnavailableException("the store of " + name + " is away");
            }
            for (JournalEntry entry : batch) {
                if (poison.contains(entry.offset())) {
                    throw new IllegalStateException("cannot take " + entry.offset());
                }
            }
            batch.forEach(entry -> taken.add(entry.offset()));
        }
    }

    @Test
    void everyConsumerGetsEveryEntryAndCommits() throws Exception {
        Remembering one = new Remembering("one");
        Remembering two = new Remembering("two");
        try (Pipeline pipeline = start(one, two)) {
            offer(500);
            assertThat(pipeline.awaitCaughtUp(SOON)).isTrue();
        }
        assertThat(one.taken).hasSize(500).isEqualTo(two.taken);
        try (var reader = journal.reader("one")) {
            assertThat(reader.committed()).isEqualTo(500);
        }
        assertThat(meters.get("muster.ingest.entries")
                        .tag("consumer", "one")
                        .counter()
                        .count())
                .isEqualTo(500);
        assertThat(meters.get("muster.ingest.latency")
                        .tag("consumer", "one")
                        .timer()
                        .count())
                .isBetween(1L, 500L);
    }

    @Test
    void aConsumerGetsWhatItWantsAndCommitsPastTheRest() throws Exception {
        Remembering one = new Remembering("one") {
            @Override
            public boolean wants(JournalEntry entry) {
                return entry.offset() % 100 == 7;
            }
        };
        Remembering two = new Remembering("two") {
            @Override
            public boolean wants(JournalEntry entry) {
                return false;
            }
        };
        one.away = true;
        try (Pipeline pipeline = start(one, two)) {
            offer(300);
            await(() -> one.calls > 3);
            one.away = false;
            assertThat(pipeline.awaitCaughtUp(SOON)).isTrue();
        }
        assertThat(one.taken).containsExactly(7L, 107L, 207L);
        assertThat(two.calls).isZero();
        for (String name : List.of("one", "two")) {
            try (var reader = journal.reader(name)) {
                assertThat(reader.committed()).isEqualTo(300);
            }
        }
    }

    @Test
    void aConsumerWhoseStoreIsAwayStopsOnlyItselfAndGoesOnByItself() throws Exception {
        Remembering one = new Remembering("one");
        Remembering two = new Remembering("two");
        one.away = true;
        try (Pipeline pipeline = start(one, two)) {
            offer(100);
            await(() -> two.taken.size() == 100);
            await(() -> one.calls > 10);
            assertThat(one.taken).isEmpty();
            assertThat(pipeline.problem())
                    .get()
                    .asString()
                    .contains("consumer one stands still since")
                    .contains("the store of one is away")
                    .doesNotContain("consumer two");

            one.away = false;
            assertThat(pipeline.awaitCaughtUp(SOON)).isTrue();
            await(() -> pipeline.problem().isEmpty());
        }
        assertThat(one.taken).hasSize(100);
        assertThat(deadLetters.fileOf("one")).doesNotExist();
    }

    @Test
    void setsAsideTheOneEntryThatAConsumerCannotTake() throws Exception {
        Remembering one = new Remembering("one");
        Remembering two = new Remembering("two");
        one.poison = Set.of(37L, 99L);
        try (Pipeline pipeline = start(one, two)) {
            offer(200);
            assertThat(pipeline.awaitCaughtUp(SOON)).isTrue();
            assertThat(pipeline.problem()).isEmpty();
        }
        assertThat(one.taken).hasSize(198).doesNotContain(37L, 99L);
        assertThat(two.taken).hasSize(200);
        assertThat(Files.readAllLines(deadLetters.fileOf("one")))
                .hasSize(2)
                .first()
                .asString()
                .contains("\"offset\":37")
                .contains("\"asset\":\"a-37\"")
                .contains("cannot take 37");
        assertThat(meters.get("muster.ingest.dead.letters")
                        .tag("consumer", "one")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void waitsInsteadOfSettingAsideWhenTooManyEntriesFail() throws Exception {
        Remembering one = new Remembering("one");
        Remembering two = new Remembering("two");
        Set<Long> all = new TreeSet<>();
        for (long i = 0; i < 100; i++) {
            all.add(i);
        }
        one.poison = all;
        try (Pipeline pipeline = start(one, two)) {
            offer(100);
            await(() -> pipeline.problem().orElse("").contains("entries of one batch fail"));
            assertThat(deadLetters.fileOf("one")).doesNotExist();
            one.poison = Set.of();
            assertThat(pipeline.awaitCaughtUp(SOON)).isTrue();
        }
        assertThat(one.taken).hasSize(100);
    }

    @Test
    void keepsABoundedNumberOfDeadLetters() throws Exception {
        DeadLetters small = new DeadLetters(folder.resolve("small"), 2_000);
        offer(1);
        JournalEntry entry;
        try (var reader = journal.reader("one")) {
            entry = reader.poll(1, Duration.ofSeconds(10)).getFirst();
        }
        for (int i = 0; i < 100; i++) {
            small.add("one", entry, new IllegalStateException("no"));
        }
        try (var files = Files.list(folder.resolve("small"))) {
            assertThat(files.toList())
                    .hasSize(2)
                    .allSatisfy(file -> assertThat(file.toFile().length()).isLessThanOrEqualTo(2_000));
        }
    }

    private Pipeline start(Consumer... consumers) {
        return Pipeline.start(journal, List.of(consumers), deadLetters, QUICK, meters, Clock.systemUTC());
    }

    private void offer(int count) throws InterruptedException {
        CountDownLatch durable = new CountDownLatch(count);
        List<JournalFailure> failures = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < count; i++) {
            boolean taken = journal.offer(
                    System.currentTimeMillis(),
                    new AssetId("a-" + i),
                    EntryKind.HEARTBEAT,
                    "",
                    PayloadFormat.JSON,
                    new byte[] {'{', '}'},
                    new Uplink.Heartbeat(null, (long) i, Map.of()),
                    new Journal.Ack() {
                        @Override
                        public void durable(long offset) {
                            durable.countDown();
                        }

                        @Override
                        public void failed(JournalFailure failure) {
                            failures.add(failure);
                            durable.countDown();
                        }
                    });
            assertThat(taken).isTrue();
        }
        assertThat(durable.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(failures).isEmpty();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(2);
        }
    }
}
