package dev.muster.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.command.SuccessRates.Counts;
import dev.muster.command.SuccessRates.Hour;
import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink.CommandResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SuccessRatesTest {
    private final CommandFixture commands = new CommandFixture(7);
    private final CommandWorker worker = commands.worker(commands.manager);
    private final CommandResults results = commands.results(worker, commands.manager);
    private final AssetId pump = commands.asset("pump-1");
    private final AssetId other = commands.asset("other-1");

    @Test
    void countsEveryAttemptInItsHourAndOnlyWhatWasDoneInTimeAsDone() {
        Instant start = commands.clock.instant();
        say(commands.give(pump), CommandResult.Status.SUCCEEDED);
        say(commands.give(pump), CommandResult.Status.FAILED);
        say(commands.give(other), CommandResult.Status.REJECTED);
        Command late = commands.give(pump);
        Command begun = commands.give(pump);
        say(begun, CommandResult.Status.RUNNING);
        commands.give(other); // never handed out
        cancel(commands.give(pump)); // before anybody had it
        Command seen = commands.give(pump);
        commands.pending().of(Set.of(pump));
        cancel(seen);
        commands.clock.advance(CommandFixture.TIMEOUT.plusSeconds(10));
        worker.work();
        say(late, CommandResult.Status.SUCCEEDED);

        commands.clock.advance(Duration.ofHours(1));
        Command retry = commands.give(pump);
        commands.jdbc
                .sql("update command set attempt = 2 where id = :id")
                .param("id", retry.id())
                .update();
        say(retry, CommandResult.Status.SUCCEEDED);
        commands.give(pump);

        Counts first = new Counts(8, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        List<Hour> expected = List.of(
                new Hour(Instant.parse("2026-11-23T10:00:00Z"), first, Counts.NONE),
                new Hour(
                        Instant.parse("2026-11-23T11:00:00Z"),
                        new Counts(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                        new Counts(1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)));
        assertThat(hours(start, Scope.ALL, null)).isEqualTo(expected);
        assertThat(first.rate()).isEqualTo(1.0 / 7);
        assertThat(expected.getLast().first().rate()).isNull();
        assertThat(expected.getLast().all().rate()).isEqualTo(1.0);
    }

    @Test
    void countsOnlyAssetsOfTheScopeAndTheSelector() {
        Instant start = commands.clock.instant();
        say(commands.give(pump), CommandResult.Status.SUCCEEDED);
        say(commands.give(other), CommandResult.Status.FAILED);
        Counts done = new Counts(1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0);
        assertThat(hours(start, new Scope("asset.id == 'pump-1'"), null))
                .extracting(Hour::all)
                .containsExactly(done);
        assertThat(hours(start, Scope.ALL, "asset.id.startsWith('pump')"))
                .extracting(Hour::all)
                .containsExactly(done);
        // PostgreSQL cannot answer this one alone
        assertThat(hours(start, Scope.ALL, "size(asset.id) == 6"))
                .extracting(Hour::all)
                .containsExactly(done);
        assertThat(hours(start, new Scope("asset.id == 'other-1'"), "asset.id == 'pump-1'"))
                .isEmpty();
    }

    private List<Hour> hours(Instant from, Scope scope, @Nullable String selector) {
        return commands.rates()
                .hours(
                        new Actor("somebody", ActorKind.TOKEN, Role.VIEWER, scope),
                        from,
                        from.plus(Duration.ofDays(1)),
                        selector);
    }

    private void say(Command command, CommandResult.Status status) {
        results.accept(List.of(commands.word(command, status)));
    }

    private void cancel(Command command) {
        Progress next = CommandEngine.cancelled(command.progress(), Settler.PERSON, commands.clock.instant())
                .orElseThrow();
        commands.transaction.executeWithoutResult(status -> commands.store.write(
                List.of(new CommandStore.Change(command.with(next, "test"), List.of(CommandEngine.step(next)), null))));
    }
}
