package dev.muster.agent.command;

import dev.muster.agent.config.Fields;
import dev.muster.protocol.Uplink.CommandResult.Status;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Carries out the commands of one name. */
interface Handler {
    /**
     * @param params read strictly; problems that it finds there end the command before anything is done
     * @return what is to be done; called only when there are no problems
     */
    Work prepare(String id, Fields params);

    /** Why the owner of the asset does not allow it at all; empty when he does. */
    default Optional<String> refusal() {
        return Optional.empty();
    }

    /** The work of one command. Interrupted when its time is over or the agent stops. */
    @FunctionalInterface
    interface Work {
        Outcome run(Duration timeout) throws InterruptedException;

        /** Called when the result is on its way and survives the process. */
        default void afterwards() {}
    }

    /**
     * How one ends that the agent was stopped in.
     *
     * @param rebooted whether the system was restarted since
     */
    default Optional<Outcome> interrupted(boolean rebooted) {
        return Optional.empty();
    }

    /** @param detail strings, numbers, booleans, lists and maps of them */
    record Outcome(Status status, Map<String, Object> detail) {
        static Outcome succeeded(Map<String, Object> detail) {
            return new Outcome(Status.SUCCEEDED, detail);
        }

        static Outcome failed(String reason) {
            return new Outcome(Status.FAILED, Map.of("reason", reason));
        }

        static Outcome rejected(String reason) {
            return new Outcome(Status.REJECTED, Map.of("reason", reason));
        }
    }
}
