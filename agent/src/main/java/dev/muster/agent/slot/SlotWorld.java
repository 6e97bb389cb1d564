package dev.muster.agent.slot;

import dev.muster.agent.desired.Wanted;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the steps of a change are done with: files, network and processes of one component. Each may be called again after a
 * kill in the middle of it. A failure comes back in words.
 */
interface SlotWorld {
    /** Whether the asset can and may run it at all. */
    Optional<String> check(Wanted wanted);

    /**
     * Has the artifact on disk, whole and with the right hash.
     *
     * @param percent is told how far it is
     * @param superseded whether it is not wanted any more; then it may end with any failure
     */
    Optional<String> fetch(Wanted wanted, IntConsumer percent, BooleanSupplier superseded) throws InterruptedException;

    /** The slot holds nothing but the fetched artifact. */
    Optional<String> unpack(Wanted wanted, Slot into) throws InterruptedException;

    /** Nothing of the component runs any more when this succeeds, whoever started it. */
    Optional<String> stop() throws InterruptedException;

    /** Runs what is in the slot, unless just this runs already; nothing else of the component does. */
    Optional<String> start(Slot slot) throws InterruptedException;

    /** Waits until what was started is healthy, for long enough, or is not. */
    Optional<String> verify(Slot slot) throws InterruptedException;

    /** From now on keeps this slot running, or nothing; what it fetched for the last change is given back. Does not wait. */
    void keep(@Nullable Slot slot);

    /** Lets some time pass before something is tried again. */
    void pause() throws InterruptedException;
}
