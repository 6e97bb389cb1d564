package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/** Looks on, as long as it takes, at what the server does by itself until it has ended; who stops looking does not stop it. */
final class Following {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final String what;
    private final Predicate<JsonNode> ended;

    /** @param what goes on, for the message: {@code command} */
    Following(String what, Predicate<JsonNode> ended) {
        this.what = what;
        this.ended = ended;
    }

    /**
     * @param begun what it was at the beginning; not looked at again when it has ended
     * @param seen gets what each look finds
     * @return what it is in the end
     * @throws CommandFailed of a look
     */
    JsonNode toItsEnd(JsonNode begun, Supplier<JsonNode> look, Consumer<JsonNode> seen) {
        JsonNode now = begun;
        Duration pause = FIRST_PAUSE;
        while (!ended.test(now)) {
            sleep(pause);
            Duration longer = pause.multipliedBy(2);
            pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
            now = look.get();
            seen.accept(now);
        }
        return now;
    }

    private void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(ExitCode.FAILED, "interrupted while waiting; the " + what + " goes on");
        }
    }
}
