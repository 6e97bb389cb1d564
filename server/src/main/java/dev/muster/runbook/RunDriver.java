package dev.muster.runbook;

import dev.muster.platform.error.Refusal;
import dev.muster.runbook.Hands.Deed;
import dev.muster.runbook.RunbookEngine.Stepped;
import dev.muster.runbook.RunbookEngine.Turn;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Takes a run one step further: writes down, does, writes down. Killed between any two of them, the next one goes on. */
final class RunDriver {
    private final RunbookEngine engine;
    private final Log log;
    private final Hands hands;
    private final Clock clock;

    /** Where runs are written down. Whoever lost the right to a run is refused by every one of these. */
    interface Log {
        Run load(String id);

        /** Whether what people and alerts say of a run is as it was loaded; within a transaction, until whose end it stays so. */
        boolean isAsLoaded(Run run);

        void write(Stepped stepped);

        /** All of it, or nothing. */
        void together(Runnable work);
    }

    /** What a turn left. */
    enum Left {
        MORE,
        WAITS,
        /** It was done outside, and took its time: others come first. */
        BREATHES,
        ENDED
    }

    RunDriver(RunbookEngine engine, Log log, Hands hands, Clock clock) {
        this.engine = engine;
        this.log = log;
        this.hands = hands;
        this.clock = clock;
    }

    Left turn(String id) {
        Run run = log.load(id);
        String worse = run.phase() == Run.Phase.RUNNING && run.cursor().at() == Run.At.READY
                ? hands.worse(run).orElse(null)
                : null;
        return switch (engine.next(run, worse, now())) {
            case Turn.Ended() -> Left.ENDED;
            case Turn.Wait() -> Left.WAITS;
            case Turn.Act() -> act(run);
            case Turn.Look() -> look(run);
            case Turn.Write(Stepped stepped, boolean act) -> {
                boolean[] written = new boolean[1];
                log.together(() -> {
                    if (!log.isAsLoaded(run)) {
                        return;
                    }
                    written[0] = true;
                    if (stepped.run().phase().isEnd() && run.cursor().at() == Run.At.UNDER_WAY) {
                        hands.abandon(run, run.step());
                    }
                    log.write(stepped);
                });
                yield act && written[0] ? act(stepped.run()) : Left.MORE;
            }
        };
    }

    private Left act(Run run) {
        Step step = run.step();
        if (step.action().isOutside()) {
            Deed deed;
            try {
                deed = hands.perform(run, step);
            } catch (Refusal refused) {
                deed = new Deed.Failed(refused.detail());
            }
            log.write(engine.performed(run, deed, now()));
            return Left.BREATHES;
        }
        try {
            log.together(() -> log.write(engine.performed(run, hands.perform(run, step), now())));
        } catch (Refusal refused) {
            log.write(engine.performed(run, new Deed.Failed(refused.detail()), now()));
        }
        return Left.MORE;
    }

    private Left look(Run run) {
        Step step = run.step();
        Stepped after = engine.looked(run, hands.look(run, step), now());
        if (after.lines().isEmpty() && after.run().equals(run)) {
            return Left.WAITS;
        }
        // Who answers before the end of the step is written is heard, however late it was; who answers after it is told
        // so.
        log.together(() -> {
            if (!log.isAsLoaded(run)) {
                return;
            }
            boolean gaveUp = after.lines().stream().anyMatch(line -> line.what().equals("failed"));
            if (gaveUp) {
                hands.abandon(run, step);
            }
            log.write(after);
        });
        return Left.MORE;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
