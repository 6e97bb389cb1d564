package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Asks again until there is an answer, over restarts of the server, and not for ever: what {@code --wait} does in a pipeline. */
final class Waiting {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    private final Duration timeout;
    private final Duration longestPause;
    private final long began = System.nanoTime();

    /** @param longestPause between two looks; they begin shorter */
    Waiting(Duration timeout, Duration longestPause) {
        this.timeout = timeout;
        this.longestPause = longestPause;
    }

    /**
     * @param look empty when it has to be asked again
     * @param what for the message: {@code rollout app-1-5 has not ended}
     * @throws CommandFailed of the look, at once; one that says that the server is out of reach only when the time is up
     */
    <T> T until(String what, Supplier<Optional<T>> look) {
        Duration pause = FIRST_PAUSE.compareTo(longestPause) < 0 ? FIRST_PAUSE : longestPause;
        while (true) {
            CommandFailed last = new CommandFailed(ExitCode.TIMED_OUT, what + " after " + timeout.toSeconds() + " s");
            try {
                Optional<T> found = look.get();
                if (found.isPresent()) {
                    return found.get();
                }
            } catch (CommandFailed e) {
                if (e.code() != ExitCode.UNREACHABLE) {
                    throw e;
                }
                last = e;
            }
            if (timeout.minusNanos(System.nanoTime() - began).compareTo(pause) < 0) {
                throw last;
            }
            sleep(pause);
            Duration longer = pause.multipliedBy(2);
            pause = longer.compareTo(longestPause) < 0 ? longer : longestPause;
        }
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(ExitCode.FAILED, "interrupted while waiting; nothing was changed by that");
        }
    }
}
