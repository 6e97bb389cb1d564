package dev.muster.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.port.DownlinkSource.PendingCommand;
import dev.muster.platform.lease.LeaseLostException;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink.CommandResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;

/** Workers on a real database, killed between any two of their transactions and in the middle of them. */
class CommandWorkerTest {

    @Test
    void noticesDeadlinesAfterTheWordsThatMayStillBeOnTheirWay() {
        CommandFixture commands = new CommandFixture(1);
        Command silent = commands.give(commands.asset("silent"));
        Command begun = commands.give(commands.asset("begun"));
        CommandWorker worker = commands.worker(commands.manager);
        commands.results(worker, commands.manager).accept(List.of(commands.word(begun, CommandResult.Status.ACCEPTED)));

        commands.clock.advance(CommandFixture.TIMEOUT.plus(CommandWorker.GRACE));
        worker.work();
        assertThat(commands.find(silent.id()).status()).isEqualTo(Status.PENDING);
        commands.clock.advance(Duration.ofMillis(1));
        worker.work();
        assertThat(commands.find(silent.id()).status()).isEqualTo(Status.EXPIRED);
        assertThat(commands.find(begun.id()).status()).isEqualTo(Status.INDETERMINATE);
        assertThat(commands.find(begun.id()).progress().settledAt())
                .isEqualTo(begun.progress().deadline());
        assertThat(commands.meters
                        .get("muster.commands.settled")
                        .tag("outcome", "expired")
                        .tag("attempt", "first")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void whatWaitsForAssetsIsInOrderAndNotedWhenItIsFirstHandedOut() {
        CommandFixture commands = new CommandFixture(2);
        AssetId pump = commands.asset("pump");
        Command first = commands.give(pump);
        commands.clock.advance(Duration.ofSeconds(1));
        Command second = commands.give(pump);
        AssetId retired = commands.asset("retired");
        commands.give(retired);
        commands.jdbc
                .sql("update asset set lifecycle = 'retired' where id = 'retired'")
                .update();
        Map<AssetId, List<PendingCommand>> waiting =
                commands.pending().of(Set.of(pump, retired, new AssetId("nothing-waits")));
        assertThat(waiting.keySet()).containsExactly(pump);
        assertThat(ids(waiting, pump)).containsExactly(first.id(), second.id());
        var sentAt = commands.find(first.id()).sentAt();
        assertThat(sentAt).isEqualTo(commands.clock.instant());
        commands.clock.advance(Duration.ofSeconds(1));
        commands.pending().of(Set.of(pump));
        assertThat(commands.find(first.id()).sentAt()).isEqualTo(sentAt);

        commands.clock.advance(CommandFixture.TIMEOUT.minusSeconds(2));
        assertThat(ids(commands.pending().of(Set.of(pump)), pump))
                .as("past its deadline, noticed or not")
                .containsExactly(second.id());
    }

    private static List<String> ids(Map<AssetId, List<PendingCommand>> waiting, AssetId asset) {
        return waiting.getOrDefault(asset, List.of()).stream()
                .map(PendingCommand::id)
                .toList();
    }

    @Test
    void aWorkerThatLostItsLeaseWritesNothing() {
        CommandFixture commands = new CommandFixture(3);
        CommandWorker first = commands.worker(commands.manager);
        CommandWorker second = commands.worker(commands.manager);
        assertThat(first.work()).isTrue();
        assertThat(second.work()).isFalse();
        commands.run(List.of(commands.asset("pump")), 1, null);
        // it slept through the end of its lease just after it had looked
        PlatformTransactionManager sleepy = new Killing(commands.manager, Integer.MAX_VALUE) {
            @Override
            void begins() {
                commands.leaseRunsOut();
                second.work();
            }
        };
        commands.leaseRunsOut();
        CommandWorker slept = commands.worker(sleepy);
        assertThatThrownBy(slept::work).isInstanceOf(LeaseLostException.class);
        assertThat(commands.nudged).containsExactly(new AssetId("pump"));
    }

    @Test
    void aRunThatIsOverItsTimeCancelsWhatIsQueued() {
        CommandFixture commands = new CommandFixture(4);
        Run run = commands.run(List.of(commands.asset("a"), commands.asset("b")), 1, null);
        CommandWorker worker = commands.worker(commands.manager);
        worker.work();
        commands.clock.advance(RunService.LIFE);
        commands.leaseRunsOut();
        worker.work();
        worker.work();
        assertThat(commands.runs.counts(run.id())).isEqualTo(Map.of(Status.EXPIRED, 1, Status.CANCELLED, 1));
        Run ended = commands.runs.find(run.id()).orElseThrow();
        assertThat(ended.state()).isEqualTo(Run.State.ENDED);
        assertThat(ended.stopped()).startsWith("its time was over");
    }

    /**
     * Runs with any bounds, assets that answer anything or nothing, words that come again, and a worker that is killed before
     * or in the middle of its transactions: never more under way than may be, every asset its command once, all come to an end.
     */
    @Test
    void runsComeToTheirEndHoweverOftenTheWorkerIsKilled() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        CommandFixture commands = new CommandFixture(seed);
        Map<Status, Integer> reached = new EnumMap<>(Status.class);
        int kills = 0;
        int stopped = 0;
        for (int schedule = 0; schedule < 12; schedule++) {
            List<AssetId> assets = new ArrayList<>();
            for (int i = 3 + random.nextInt(12); i > 0; i--) {
                assets.add(commands.asset("pump-" + schedule + "-" + i));
            }
            int concurrency = 1 + random.nextInt(4);
            Integer maxFailures = random.nextBoolean() ? null : random.nextInt(3);
            Run run = commands.run(assets, concurrency, maxFailures);
            List<CommandResults.Word> said = new ArrayList<>();
            CommandWorker worker = commands.worker(commands.manager);
            int rounds = 0;
            while (commands.runs.find(run.id()).orElseThrow().state() != Run.State.ENDED) {
                assertThat(rounds++).as("rounds, seed %d", seed).isLessThan(2_000);
                if (random.nextInt(3) == 0) {
                    commands.leaseRunsOut();
                    worker = commands.worker(new Killing(commands.manager, random.nextInt(6)));
                }
                try {
                    worker.work();
                    commands.results(worker, commands.manager).accept(words(commands, run, random, said));
                } catch (Killed e) {
                    kills++;
                    commands.leaseRunsOut();
                    worker = commands.worker(commands.manager);
                }
                Map<Status, Integer> counts = commands.runs.counts(run.id());
                int underWay = 0;
                for (var status : Status.values()) {
                    underWay += status.isUnderWay() ? counts.getOrDefault(status, 0) : 0;
                }
                assertThat(underWay).as("under way, seed %d", seed).isLessThanOrEqualTo(concurrency);
                commands.clock.advance(Duration.ofSeconds(random.nextInt(300)));
            }
            Map<Status, Integer> ends = commands.runs.counts(run.id());
            assertThat(ends.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(assets.size());
            assertThat(ends.keySet()).allMatch(Status::isSettled);
            assertThat(commands.nudged).as("given out, seed %d", seed).doesNotHaveDuplicates();
            ends.forEach((status, count) -> reached.merge(status, count, Integer::sum));
            stopped += commands.runs.find(run.id()).orElseThrow().stopped() == null ? 0 : 1;

            // everything once more, as after a loss of the journal's offset
            List<Command> before = commands.store.page(new CommandStore.Filter(null, null, run.id(), null), null, 100);
            commands.results(worker, commands.manager).accept(said);
            assertThat(commands.store.page(new CommandStore.Filter(null, null, run.id(), null), null, 100))
                    .as("after all words again, seed %d", seed)
                    .isEqualTo(before);
        }
        System.out.println("ended " + reached + ", kills " + kills + ", stopped runs " + stopped);
        assertThat(kills).isGreaterThan(20);
    }

    /** What some of the assets say that have something to say; now and then again what was said. */
    private static List<CommandResults.Word> words(
            CommandFixture commands, Run run, Random random, List<CommandResults.Word> said) {
        List<CommandResults.Word> words = new ArrayList<>();
        if (!said.isEmpty() && random.nextInt(3) == 0) {
            words.addAll(said.subList(random.nextInt(said.size()), said.size()));
        }
        Set<Status> open = Set.of(Status.PENDING, Status.ACCEPTED, Status.RUNNING);
        for (Command command : commands.store.page(new CommandStore.Filter(null, open, run.id(), null), null, 100)) {
            if (random.nextInt(2) == 0) {
                CommandResult.Status[] all = CommandResult.Status.values();
                CommandResults.Word word = commands.word(command, all[random.nextInt(all.length)]);
                words.add(word);
                said.add(word);
            }
        }
        return words;
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Begins and commits so often, and then no more: a kill before a transaction, or before its commit. */
    private static class Killing implements PlatformTransactionManager {
        private final PlatformTransactionManager real;
        private int left;

        Killing(PlatformTransactionManager real, int left) {
            this.real = real;
            this.left = left;
        }

        void begins() {
            live();
        }

        private void live() {
            if (left-- <= 0) {
                throw new Killed();
            }
        }

        @Override
        public TransactionStatus getTransaction(@Nullable TransactionDefinition definition) {
            begins();
            return real.getTransaction(definition);
        }

        @Override
        public void commit(TransactionStatus status) {
            try {
                live();
            } catch (Killed e) {
                real.rollback(status);
                throw e;
            }
            real.commit(status);
        }

        @Override
        public void rollback(TransactionStatus status) {
            real.rollback(status);
        }
    }
}
