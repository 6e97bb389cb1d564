package dev.muster.agent.command;

import dev.muster.agent.config.Fields;
import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The command {@code wipe}: takes everything from the asset that the agent brought or keeps. It is the one command that is gone
 * on with after a kill, for half a wipe is none. Applications, managed files and configuration go first; the identity goes when
 * the server has acknowledged the result, for nobody could send it afterwards, or when the server lets this asset in no more.
 *
 * @see Tombstone
 */
public final class Wipe implements Handler {
    private static final String NOTE = "wiping";
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final StateDirectory state;
    private final boolean allowed;
    private final Erasing erasing;
    private final BooleanSupplier delivered;
    private final Runnable last;

    /** Takes everything away but what is needed to tell the server. May be called again. */
    @FunctionalInterface
    public interface Erasing {
        void erase() throws IOException, InterruptedException;
    }

    /**
     * @param delivered whether the server has acknowledged everything that it was told, or will never hear it
     * @param last takes the rest away, and does not return
     */
    public Wipe(StateDirectory state, boolean allowed, Erasing erasing, BooleanSupplier delivered, Runnable last) {
        this.state = state;
        this.allowed = allowed;
        this.erasing = erasing;
        this.delivered = delivered;
        this.last = last;
    }

    private static final String ERASING = "erasing";
    private static final String ERASED = "erased";

    /** Whether one was begun and not ended: then nothing else is to be started. */
    public static boolean begun(StateDirectory state) throws IOException {
        return state.read(NOTE).isPresent();
    }

    /** Whether all is gone but what is needed to tell the server. */
    static boolean erased(StateDirectory state) throws IOException {
        return state.read(NOTE)
                .filter(note -> new String(note, StandardCharsets.UTF_8).equals(ERASED))
                .isPresent();
    }

    @Override
    public Optional<String> refusal() {
        return allowed
                ? Optional.empty()
                : Optional.of("the owner of this asset does not allow it; wipe in the asset's allow file would");
    }

    @Override
    public Work prepare(String id, Fields params) {
        return new Work() {
            @Override
            public Outcome run(Duration timeout) throws InterruptedException {
                return begin();
            }

            @Override
            public void afterwards() {
                try {
                    if (erased(state)) {
                        end();
                    }
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt(); // the next start of the agent goes on with it
                } catch (IOException e) {
                    System.getLogger(Wipe.class.getName())
                            .log(
                                    System.Logger.Level.ERROR,
                                    "the wipe is not ended; the next start of the agent goes on with it",
                                    e);
                }
            }
        };
    }

    private Outcome begin() throws InterruptedException {
        try {
            state.write(NOTE, ERASING.getBytes(StandardCharsets.UTF_8));
            erasing.erase();
            state.write(NOTE, ERASED.getBytes(StandardCharsets.UTF_8));
            return Outcome.succeeded(Map.of("left", "the identity, until this is acknowledged"));
        } catch (IOException e) {
            return Outcome.failed("not everything could be taken away: " + e.getMessage());
        }
    }

    /** Goes on with what an earlier agent had begun; before {@link Commands#start}, which then reports it. */
    @Override
    public Optional<Outcome> interrupted(boolean rebooted) {
        try {
            return begun(state) ? Optional.of(begin()) : Optional.empty();
        } catch (IOException e) {
            return Optional.of(Outcome.failed("not everything could be taken away: " + e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Waits, for as long as it takes, until the server knows or does not want to; then takes the rest away. */
    public void end() throws InterruptedException {
        while (!delivered.getAsBoolean()) {
            Thread.sleep(LOOK);
        }
        last.run();
    }
}
