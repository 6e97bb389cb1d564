package dev.muster.command;

import static dev.muster.command.Status.ACCEPTED;
import static dev.muster.command.Status.CANCELLED;
import static dev.muster.command.Status.EXPIRED;
import static dev.muster.command.Status.FAILED;
import static dev.muster.command.Status.INDETERMINATE;
import static dev.muster.command.Status.PENDING;
import static dev.muster.command.Status.REJECTED;
import static dev.muster.command.Status.RUNNING;
import static dev.muster.command.Status.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.command.CommandEngine.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommandEngineTest {
    private static final Instant START = Instant.parse("2026-11-25T12:00:00Z");
    private static final Instant DEADLINE = START.plusSeconds(60);
    private static final Instant LATER = DEADLINE.plusSeconds(10);
    private static final List<Status> WORDS =
            List.of(ACCEPTED, RUNNING, SUCCEEDED, FAILED, REJECTED, EXPIRED, INDETERMINATE);

    @Test
    void goesFromPendingToSucceededByTheWordsOfTheAsset() {
        Progress accepted = next(Progress.pending(DEADLINE), ACCEPTED, at(1));
        Progress running = next(accepted, RUNNING, at(2));
        Progress done = next(running, SUCCEEDED, at(3));
        assertThat(List.of(accepted.status(), running.status())).containsExactly(ACCEPTED, RUNNING);
        assertThat(done).isEqualTo(new Progress(SUCCEEDED, DEADLINE, at(3), Settler.ASSET, false, Set.of()));
    }

    @Test
    void takesAResultWithoutAnyWordBefore() {
        assertThat(next(Progress.pending(DEADLINE), FAILED, at(5)))
                .isEqualTo(new Progress(FAILED, DEADLINE, at(5), Settler.ASSET, false, Set.of()));
    }

    @Test
    void expiresWhatWasNeverAcceptedAndDoesNotKnowWhatWas() {
        assertThat(CommandEngine.passed(Progress.pending(DEADLINE), LATER))
                .contains(new Progress(EXPIRED, DEADLINE, DEADLINE, Settler.DEADLINE, false, Set.of()));
        assertThat(CommandEngine.passed(next(Progress.pending(DEADLINE), ACCEPTED, at(1)), LATER))
                .contains(new Progress(INDETERMINATE, DEADLINE, DEADLINE, Settler.DEADLINE, false, Set.of()));
        assertThat(CommandEngine.passed(Progress.pending(DEADLINE), DEADLINE)).isEmpty();
        assertThat(CommandEngine.passed(Progress.queued(), LATER)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"SUCCEEDED", "FAILED", "REJECTED", "EXPIRED"})
    void aDefiniteWordAfterTheDeadlineSettlesAndIsLate(Status word) {
        Progress unknown = passed(next(Progress.pending(DEADLINE), RUNNING, at(1)));
        assertThat(next(unknown, word, LATER))
                .isEqualTo(new Progress(word, DEADLINE, LATER, Settler.ASSET, true, Set.of()));
        Progress expired = passed(Progress.pending(DEADLINE));
        assertThat(next(expired, word, LATER))
                .isEqualTo(new Progress(word, DEADLINE, LATER, Settler.ASSET, true, Set.of()));
    }

    @Test
    void theDeadlineIsInTheHistoryEvenWhenTheLateWordIsSeenBeforeAnybodyNoticedIt() {
        Answer answer = CommandEngine.reported(Progress.pending(DEADLINE), SUCCEEDED, LATER);
        assertThat(answer)
                .isEqualTo(new Answer.Decided(
                        new Progress(SUCCEEDED, DEADLINE, LATER, Settler.ASSET, true, Set.of()),
                        List.of(new Step(DEADLINE, EXPIRED, false), new Step(LATER, SUCCEEDED, false))));
    }

    @Test
    void aWordThatWasReceivedInTimeIsNotLateHoweverLongTheServerTookToReadIt() {
        Progress expired = passed(Progress.pending(DEADLINE));
        assertThat(next(expired, SUCCEEDED, at(59)))
                .isEqualTo(new Progress(SUCCEEDED, DEADLINE, at(59), Settler.ASSET, false, Set.of()));
    }

    @Test
    void whatWasTakenForExpiredAndDidBeginIsIndeterminate() {
        assertThat(next(passed(Progress.pending(DEADLINE)), ACCEPTED, LATER))
                .isEqualTo(new Progress(INDETERMINATE, DEADLINE, DEADLINE, Settler.DEADLINE, false, Set.of()));
    }

    @Test
    void theFirstDefiniteWordIsFinalAndOthersAreKept() {
        Progress done = next(Progress.pending(DEADLINE), SUCCEEDED, at(1));
        Answer answer = CommandEngine.reported(done, FAILED, at(2));
        assertThat(answer)
                .isEqualTo(new Answer.Decided(
                        new Progress(SUCCEEDED, DEADLINE, at(1), Settler.ASSET, false, Set.of(FAILED)),
                        List.of(new Step(at(2), FAILED, true))));
        Progress contradicted = ((Answer.Decided) answer).next();
        assertThat(CommandEngine.reported(contradicted, FAILED, at(3)))
                .isEqualTo(new Answer.Decided(contradicted, List.of()));
    }

    @Test
    void canBeTakenBackUntilTheAssetHasTakenIt() {
        assertThat(CommandEngine.cancelled(Progress.queued(), Settler.RUN, at(1)))
                .contains(new Progress(CANCELLED, null, at(1), Settler.RUN, false, Set.of()));
        assertThat(CommandEngine.cancelled(Progress.pending(DEADLINE), Settler.PERSON, at(1)))
                .contains(new Progress(CANCELLED, DEADLINE, at(1), Settler.PERSON, false, Set.of()));
        assertThat(CommandEngine.cancelled(next(Progress.pending(DEADLINE), ACCEPTED, at(1)), Settler.PERSON, at(2)))
                .isEmpty();
    }

    @Test
    void whatWasTakenBackAndDoneAnywayIsSettledByTheAsset() {
        Progress cancelled = CommandEngine.cancelled(Progress.pending(DEADLINE), Settler.PERSON, at(5))
                .orElseThrow();
        Progress begun = next(cancelled, ACCEPTED, at(6));
        assertThat(begun.status()).isEqualTo(INDETERMINATE);
        assertThat(next(begun, SUCCEEDED, at(7)))
                .isEqualTo(new Progress(SUCCEEDED, DEADLINE, at(7), Settler.ASSET, true, Set.of()));
    }

    @Test
    void refusesAWordAboutACommandThatWasNeverGiven() {
        assertThat(CommandEngine.reported(Progress.queued(), SUCCEEDED, at(1))).isEqualTo(new Answer.NotGiven());
    }

    @Test
    void refusesStatesThatCannotBe() {
        assertThatThrownBy(() -> new Progress(SUCCEEDED, DEADLINE, null, null, false, Set.of()))
                .hasMessageContaining("cannot be");
        assertThatThrownBy(() -> new Progress(PENDING, null, null, null, false, Set.of()))
                .hasMessageContaining("has no deadline");
    }

    /** What the asset said, and when the server received it. */
    private record Word(Status word, Instant receivedAt) {}

    /**
     * The asset says anything in any order, the server reads it late, again after each kill, and notices the deadline at
     * any moment between: it comes to the same as reading everything once, in time.
     */
    @Test
    void comesToTheSameHoweverItIsInterrupted() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Map<Status, Integer> reached = new EnumMap<>(Status.class);
        int late = 0;
        int contradicted = 0;
        int kills = 0;
        for (int schedule = 0; schedule < 20_000; schedule++) {
            List<Word> words = words(random);
            Progress expected = Progress.pending(DEADLINE);
            for (Word word : words) {
                expected = checked(expected, word);
            }
            expected = CommandEngine.passed(expected, LATER.plusSeconds(100)).orElse(expected);

            Progress stored = Progress.pending(DEADLINE);
            int committed = 0;
            int reader = 0;
            while (committed < words.size()) {
                if (random.nextInt(4) == 0) {
                    stored = CommandEngine.passed(stored, START.plusSeconds(random.nextInt(200)))
                            .orElse(stored);
                }
                if (reader < words.size()) {
                    stored = checked(stored, words.get(reader));
                    reader++;
                }
                switch (random.nextInt(4)) {
                    case 0 -> {
                        // killed after the words were stored and before the journal's offset was committed
                        kills += reader > committed ? 1 : 0;
                        reader = committed;
                    }
                    case 1 -> committed = reader;
                    default -> {
                        committed = reader == words.size() ? reader : committed;
                    }
                }
            }
            stored = CommandEngine.passed(stored, LATER.plusSeconds(100)).orElse(stored);
            assertThat(stored)
                    .as("seed %d, schedule %d, words %s", seed, schedule, words)
                    .isEqualTo(expected);
            for (Word word : words) {
                assertThat(CommandEngine.reported(stored, word.word(), word.receivedAt()))
                        .as("seed %d, schedule %d, %s again", seed, schedule, word)
                        .isEqualTo(new Answer.Decided(stored, List.of()));
            }
            reached.merge(stored.status(), 1, Integer::sum);
            late += stored.late() ? 1 : 0;
            contradicted += stored.contradictions().isEmpty() ? 0 : 1;
        }
        System.out.println(
                "ended " + reached + ", late " + late + ", contradicted " + contradicted + ", kills " + kills);
        assertThat(reached.keySet()).containsExactlyInAnyOrder(SUCCEEDED, FAILED, REJECTED, EXPIRED, INDETERMINATE);
        assertThat(List.of(late, contradicted, kills)).allMatch(count -> count > 100);
    }

    /** One word, with what must hold of every step. */
    private static Progress checked(Progress before, Word word) {
        var answer = (Answer.Decided) CommandEngine.reported(before, word.word(), word.receivedAt());
        Progress after = answer.next();
        if (before.status().isSettled()) {
            assertThat(after.status().isSettled())
                    .as("%s after %s", word, before)
                    .isTrue();
        }
        if (before.isDefinite()) {
            assertThat(after.status()).as("%s after %s", word, before).isEqualTo(before.status());
            assertThat(after.settledAt()).isEqualTo(before.settledAt());
        }
        if (after.late()) {
            assertThat(after.settledAt()).isAfter(DEADLINE);
        }
        if (!after.equals(before)) {
            assertThat(answer.steps()).as("%s after %s", word, before).isNotEmpty();
        }
        assertThat(answer.steps()).hasSizeLessThanOrEqualTo(2);
        return after;
    }

    /** In the order in which they were received; now and then the same again. */
    private static List<Word> words(Random random) {
        List<Word> words = new ArrayList<>();
        long second = 0;
        for (int i = random.nextInt(6); i > 0; i--) {
            second += random.nextInt(40);
            Word word = new Word(WORDS.get(random.nextInt(WORDS.size())), START.plusSeconds(second));
            words.add(word);
            if (random.nextInt(5) == 0) {
                words.add(new Word(word.word(), START.plusSeconds(second + random.nextInt(2))));
            }
        }
        words.sort((a, b) -> a.receivedAt().compareTo(b.receivedAt()));
        return words;
    }

    private static Progress next(Progress before, Status word, Instant receivedAt) {
        return ((Answer.Decided) CommandEngine.reported(before, word, receivedAt)).next();
    }

    private static Progress passed(Progress before) {
        Optional<Progress> passed = CommandEngine.passed(before, LATER);
        return passed.orElseThrow();
    }

    private static Instant at(int second) {
        return START.plusSeconds(second);
    }
}
